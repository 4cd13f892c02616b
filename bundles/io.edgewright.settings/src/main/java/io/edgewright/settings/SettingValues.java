// SPDX-License-Identifier: Apache-2.0
package io.edgewright.settings;

import java.lang.reflect.Array;
import java.util.Set;

/** Which values a setting can have: those that every ConfigurationAdmin and every form keeps as they are. */
final class SettingValues {

    private static final Set<Class<?>> TYPES = Set.of(
            String.class,
            Boolean.class,
            Byte.class,
            Character.class,
            Short.class,
            Integer.class,
            Long.class,
            Float.class,
            Double.class);

    private SettingValues() {}

    /** {@return the value, copied if it is an array} */
    static Object checked(String key, Object value) {
        Class<?> type = value.getClass();
        if (TYPES.contains(type)) {
            return value;
        }
        Class<?> element = type.getComponentType();
        if (element == null || !(element.isPrimitive() || TYPES.contains(element))) {
            throw new IllegalArgumentException("setting '" + key + "' is a " + type.getTypeName()
                    + ", expected String, Boolean, Byte, Character, Short, Integer, Long, Float, Double, or an array"
                    + " of one of them");
        }
        for (int i = 0; i < Array.getLength(value); i++) {
            if (Array.get(value, i) == null) {
                throw new IllegalArgumentException("setting '" + key + "': element " + i + " is null");
            }
        }
        return copy(value);
    }

    /** {@return the value; a copy if it is an array, which its holder could change otherwise} */
    static Object copy(Object value) {
        Class<?> element = value.getClass().getComponentType();
        if (element == null) {
            return value;
        }
        int length = Array.getLength(value);
        Object copy = Array.newInstance(element, length);
        System.arraycopy(value, 0, copy, 0, length);
        return copy;
    }
}
