// SPDX-License-Identifier: Apache-2.0
package io.edgewright.kura.wires;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.eclipse.kura.type.TypedValue;
import org.eclipse.kura.type.TypedValues;
import org.eclipse.kura.wire.WireRecord;

/** Records in short. */
final class Records {

    private Records() {}

    static WireRecord of(Map<String, ?> values) {
        Map<String, TypedValue<?>> properties = new HashMap<>();
        values.forEach((name, value) -> properties.put(name, TypedValues.newTypedValue(value)));
        return new WireRecord(properties);
    }

    /** {@return the plain values by name} */
    static Map<String, Object> values(WireRecord record) {
        Map<String, Object> values = new TreeMap<>();
        record.getProperties().forEach((name, value) -> values.put(name, value.getValue()));
        return values;
    }

    static Object value(WireRecord record, String name) {
        return Objects.requireNonNull(values(record).get(name), name);
    }

    static byte[] floats(float... values) {
        ByteBuffer bytes = ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (float value : values) {
            bytes.putFloat(value);
        }
        return bytes.array();
    }
}
