// SPDX-License-Identifier: Apache-2.0
package io.edgewright.kura.bridge;

import java.lang.reflect.Array;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.osgi.service.metatype.AttributeDefinition;
import org.osgi.service.metatype.ObjectClassDefinition;

/** Compares a configuration with its form, which Kura does not: types, ranges and options. */
final class FormCheck {

    private static final Map<Integer, Class<?>> TYPES = Map.of(
            AttributeDefinition.BOOLEAN, Boolean.class,
            AttributeDefinition.BYTE, Byte.class,
            AttributeDefinition.CHARACTER, Character.class,
            AttributeDefinition.SHORT, Short.class,
            AttributeDefinition.INTEGER, Integer.class,
            AttributeDefinition.LONG, Long.class,
            AttributeDefinition.FLOAT, Float.class,
            AttributeDefinition.DOUBLE, Double.class);

    private FormCheck() {}

    /** {@return what does not fit, one sentence for each setting; passwords are not shown} */
    static List<String> problems(ObjectClassDefinition form, Map<String, Object> values) {
        List<String> problems = new ArrayList<>();
        for (AttributeDefinition attribute : attributes(form)) {
            Object value = values.get(attribute.getID());
            String expected = value == null ? "" : expected(attribute, value);
            if (value != null && !expected.isEmpty()) {
                problems.add("'" + attribute.getID() + "' is " + shown(attribute, value) + ", expected " + expected);
            }
        }
        return List.copyOf(problems);
    }

    static List<AttributeDefinition> attributes(ObjectClassDefinition form) {
        return Arrays.asList(form.getAttributeDefinitions(ObjectClassDefinition.ALL));
    }

    /** {@return what should have been; empty if the value fits} */
    private static String expected(AttributeDefinition attribute, Object value) {
        Class<?> type = TYPES.getOrDefault(attribute.getType(), String.class);
        if (attribute.getCardinality() == 0) {
            return expectedOfOne(attribute, type, value);
        }
        if (value.getClass().getComponentType() != type) { // Kura takes no lists of primitives
            return "a list of " + type.getSimpleName();
        }
        for (int i = 0; i < Array.getLength(value); i++) {
            String expected = expectedOfOne(attribute, type, Array.get(value, i));
            if (!expected.isEmpty()) {
                return "a list, each " + expected;
            }
        }
        return "";
    }

    private static String expectedOfOne(AttributeDefinition attribute, Class<?> type, Object value) {
        if (!type.isInstance(value)) {
            return "a value of type " + type.getSimpleName();
        }
        String[] options = attribute.getOptionValues();
        if (options != null && options.length > 0 && !Arrays.asList(options).contains(value.toString())) {
            return "one of " + String.join(", ", options);
        }
        // a text is cut at commas before it is validated, and no form limits the length of one
        String refusal = value instanceof Number ? attribute.validate(value.toString()) : null;
        return refusal == null || refusal.isEmpty() ? "" : "a value in its range (" + refusal + ")";
    }

    private static String shown(AttributeDefinition attribute, Object value) {
        if (attribute.getType() == AttributeDefinition.PASSWORD) {
            return "of type " + value.getClass().getSimpleName();
        }
        if (!value.getClass().isArray()) {
            return value.getClass().getSimpleName() + " '" + value + "'";
        }
        List<String> elements = new ArrayList<>();
        for (int i = 0; i < Array.getLength(value); i++) {
            elements.add(String.valueOf(Array.get(value, i)));
        }
        return value.getClass().getSimpleName() + " " + elements;
    }
}
