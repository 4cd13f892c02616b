// SPDX-License-Identifier: Apache-2.0
package io.edgewright.it.kura.probe;

import java.util.HashMap;
import java.util.Map;
import org.eclipse.kura.type.TypedValue;
import org.eclipse.kura.type.TypedValues;
import org.eclipse.kura.wire.WireRecord;

/** Records as maps of the JDK's own types, which the tests outside of the framework know too. */
final class Plain {

    private Plain() {}

    static WireRecord record(Map<String, Object> values) {
        Map<String, TypedValue<?>> properties = new HashMap<>();
        values.forEach((name, value) -> properties.put(name, TypedValues.newTypedValue(value)));
        return new WireRecord(properties);
    }

    static Map<String, Object> values(WireRecord record) {
        Map<String, Object> values = new HashMap<>();
        record.getProperties().forEach((name, value) -> values.put(name, value.getValue()));
        return values;
    }
}
