// SPDX-License-Identifier: Apache-2.0
package io.edgewright.kura.wires;

import io.edgewright.api.event.Event;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.eclipse.kura.type.TypedValue;
import org.eclipse.kura.type.TypedValues;
import org.eclipse.kura.wire.WireRecord;

/** Events as flat records: what lies deeper is named {@code outer.inner}, the entries of lists {@code name.0}. */
final class EventRecords {

    private static final int MOST_PROPERTIES = 500;

    private EventRecords() {}

    /** {@return the record of an event; a huge event is cut off} */
    static WireRecord of(Event event) {
        Map<String, TypedValue<?>> properties = new LinkedHashMap<>();
        properties.put("event.topic", TypedValues.newTypedValue(event.topic()));
        properties.put("event.time", TypedValues.newTypedValue(event.time().toEpochMilli()));
        event.values().forEach((name, value) -> put(properties, name, value));
        return new WireRecord(properties);
    }

    private static void put(Map<String, TypedValue<?>> properties, String name, Object value) {
        if (value instanceof Map<?, ?> map) {
            map.forEach((inner, content) -> put(properties, name + "." + inner, content));
        } else if (value instanceof List<?> list) {
            for (int i = 0; i < list.size(); i++) {
                put(properties, name + "." + i, list.get(i));
            }
        } else if (properties.size() < MOST_PROPERTIES) {
            boolean plain = value instanceof Boolean
                    || value instanceof Integer
                    || value instanceof Long
                    || value instanceof Float
                    || value instanceof Double;
            properties.putIfAbsent(name, TypedValues.newTypedValue(plain ? value : String.valueOf(value)));
        }
    }
}
