// SPDX-License-Identifier: Apache-2.0
package io.edgewright.rest;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonPrimitive;
import java.lang.reflect.Array;
import java.math.BigDecimal;
import java.util.List;

/** Turns JSON into what a setting takes, or says what was expected. */
final class SettingValue {

    /** Command lines and forms have no other way to say that a list is empty. */
    private static final JsonElement NOTHING = new JsonPrimitive("");

    private final SettingTypes.Setting setting;

    private SettingValue(SettingTypes.Setting setting) {
        this.setting = setting;
    }

    /**
     * {@return the value to store}
     *
     * @param setting what is set
     * @param json a string, number or boolean; numbers and booleans also as strings; a list of them; or,
     *     for a list, one alone or an empty string
     * @throws HttpProblem 400 naming the setting, what was expected and what was found
     */
    static Object parse(SettingTypes.Setting setting, JsonElement json) throws HttpProblem {
        var value = new SettingValue(setting);
        if (!setting.list()) {
            return value.single(json);
        }
        List<JsonElement> items =
                json instanceof JsonArray array ? array.asList() : json.equals(NOTHING) ? List.of() : List.of(json);
        Object array = Array.newInstance(setting.kind(), items.size());
        for (int i = 0; i < items.size(); i++) {
            Array.set(array, i, value.single(items.get(i)));
        }
        return array;
    }

    private Object single(JsonElement json) throws HttpProblem {
        if (!(json instanceof JsonPrimitive primitive)) {
            throw wrong(json, setting.list() ? "a list of texts, numbers or booleans" : "one value");
        }
        String text = primitive.getAsString();
        if (!setting.options().isEmpty() && !setting.options().contains(text)) {
            throw wrong(json, "one of " + String.join(", ", setting.options()));
        }
        Object value;
        try {
            value = convert(text);
        } catch (ArithmeticException | NumberFormatException e) {
            throw wrong(json, "a " + word());
        }
        if (!setting.check().fits(text)) {
            throw wrong(json, "a value in its range: " + setting.description());
        }
        return value;
    }

    private Object convert(String text) throws HttpProblem {
        Class<?> kind = setting.kind();
        if (kind == String.class) {
            return text;
        }
        if (kind == Boolean.class) {
            if (!text.equals("true") && !text.equals("false")) {
                throw wrong(new JsonPrimitive(text), "true or false");
            }
            return Boolean.valueOf(text);
        }
        if (kind == Character.class) {
            if (text.length() != 1) {
                throw wrong(new JsonPrimitive(text), "one character");
            }
            return text.charAt(0);
        }
        return number(kind, new BigDecimal(text));
    }

    private static Object number(Class<?> kind, BigDecimal number) {
        if (kind == Double.class) {
            return number.doubleValue();
        }
        if (kind == Float.class) {
            return number.floatValue();
        }
        if (kind == Long.class) {
            return number.longValueExact();
        }
        if (kind == Short.class) {
            return number.shortValueExact();
        }
        return kind == Byte.class ? (Object) number.byteValueExact() : (Object) number.intValueExact();
    }

    /** {@return the type in the words of JSON} */
    private String word() {
        return setting.kind() == Double.class || setting.kind() == Float.class ? "number" : "whole number";
    }

    private HttpProblem wrong(JsonElement found, String expected) {
        String shown = setting.secret() ? "not shown" : found.toString();
        return HttpProblem.bad("'" + setting.key() + "' is " + shown + ", expected " + expected);
    }
}
