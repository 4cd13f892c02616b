// SPDX-License-Identifier: Apache-2.0
package org.eclipse.kura.type;

import java.util.Objects;
import org.osgi.annotation.versioning.ProviderType;

/** Makes typed values. */
@ProviderType
public final class TypedValues {

    private TypedValues() {}

    public static TypedValue<?> newTypedValue(Object value) {
        return new Value<>(typeOf(value), value);
    }

    private static DataType typeOf(Object value) {
        if (value instanceof Boolean) {
            return DataType.BOOLEAN;
        } else if (value instanceof byte[]) {
            return DataType.BYTE_ARRAY;
        } else if (value instanceof Double) {
            return DataType.DOUBLE;
        } else if (value instanceof Float) {
            return DataType.FLOAT;
        } else if (value instanceof Integer) {
            return DataType.INTEGER;
        } else if (value instanceof Long) {
            return DataType.LONG;
        } else if (value instanceof String) {
            return DataType.STRING;
        }
        throw new IllegalArgumentException("value is " + value + ", expected one of the types of DataType");
    }

    private record Value<T>(DataType getType, T getValue) implements TypedValue<T> {

        @Override
        public int compareTo(TypedValue<T> other) {
            return Integer.compare(Objects.hashCode(getValue), Objects.hashCode(other.getValue()));
        }
    }
}
