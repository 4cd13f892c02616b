// SPDX-License-Identifier: Apache-2.0
package io.edgewright.kura.cloud;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.math.BigDecimal;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * The numbers of an answer as metrics, so that a platform can store and draw them without reading JSON: the way to each,
 * joined by dots, such as {@code deployments.shelf.served.primary.statistics.p99Millis}. Something in a list is named after
 * its {@code name}, {@code id} or {@code role}; each list adds {@code <name>.count}. Whole numbers are Long, others Double.
 */
final class Figures {

    private static final int MOST = 500;

    private final Map<String, Object> found = new TreeMap<>();

    private Figures() {}

    /** {@return at most {@value #MOST} metrics} */
    static Map<String, Object> of(JsonObject answer) {
        var figures = new Figures();
        figures.addMembers("", answer);
        return figures.found;
    }

    private void addMembers(String prefix, JsonObject object) {
        for (String name : object.keySet()) {
            add(prefix + name, object.get(name));
        }
    }

    private void add(String name, JsonElement value) {
        if (found.size() >= MOST) {
            return;
        }
        if (value instanceof JsonObject object) {
            addMembers(name + ".", object);
        } else if (value instanceof JsonArray array) {
            addItems(name, array);
        } else if (value instanceof JsonPrimitive primitive && primitive.isNumber()) {
            found.put(name, number(primitive.getAsBigDecimal()));
        }
    }

    private void addItems(String name, JsonArray array) {
        found.put(name + ".count", (long) array.size());
        for (JsonElement item : array) {
            if (item instanceof JsonObject object) {
                String key = key(object);
                if (!key.isEmpty()) {
                    addMembers(name + "." + key + ".", object);
                }
            }
        }
    }

    private static String key(JsonObject object) {
        for (String member : new String[] {"name", "id", "role"}) {
            if (object.get(member) instanceof JsonPrimitive primitive && primitive.isString()) {
                String key = primitive.getAsString();
                return member.equals("role") ? key.toLowerCase(Locale.ROOT) : key;
            }
        }
        return "";
    }

    private static Object number(BigDecimal value) {
        boolean whole = value.stripTrailingZeros().scale() <= 0 && value.precision() - value.scale() <= 18;
        return whole ? (Object) value.longValue() : (Object) value.doubleValue();
    }
}
