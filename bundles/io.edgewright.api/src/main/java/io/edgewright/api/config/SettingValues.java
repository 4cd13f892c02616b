// SPDX-License-Identifier: Apache-2.0
package io.edgewright.api.config;

import java.lang.reflect.Array;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/** What every implementation of {@link Settings} takes and gives: those values that any ConfigurationAdmin keeps as they are. */
public final class SettingValues {

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

    private static final List<String> RESERVED = List.of("service.", "felix.", "kura.service.", ".");
    private static final Pattern KEY = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9._-]{0,199}");
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]{1,100}");

    private SettingValues() {}

    /**
     * {@return true if this belongs to the configuration's keeper and is no setting}
     *
     * @param key a key of a configuration
     */
    public static boolean isReserved(String key) {
        return RESERVED.stream().anyMatch(key::startsWith);
    }

    /**
     * Checks the name of an instance.
     *
     * @param name 1 to 100 of letters, digits, {@code . _ -}
     * @throws IllegalArgumentException if it is something else
     */
    public static void checkName(String name) {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException(
                    "name '" + name + "' is malformed, expected 1 to 100 of letters, digits, '.', '_', '-'");
        }
    }

    /**
     * {@return copies of the values, to be stored; may be changed by the caller}
     *
     * @param values what to set
     * @throws IllegalArgumentException if a key is reserved, malformed, or differs from another in case only, or a value is
     *     of a type that {@link Settings} does not allow
     */
    public static Map<String, Object> checked(Map<String, Object> values) {
        Map<String, Object> copies = new HashMap<>();
        values.forEach((key, value) -> {
            if (isReserved(key) || !KEY.matcher(key).matches()) {
                throw new IllegalArgumentException("setting '" + key
                        + "' cannot be set, expected letters, digits, '.', '_', '-', and none of service.*, felix.*"
                        + " or kura.service.*");
            }
            copies.keySet().stream().filter(key::equalsIgnoreCase).findFirst().ifPresent(twin -> {
                throw new IllegalArgumentException("settings '%s' differ only in case".formatted(List.of(twin, key)));
            });
            copies.put(key, checked(key, value));
        });
        return copies;
    }

    /**
     * {@return the value; a copy if it is an array, which its holder could change otherwise}
     *
     * @param value of a setting
     */
    public static Object copy(Object value) {
        Class<?> element = value.getClass().getComponentType();
        if (element == null) {
            return value;
        }
        int length = Array.getLength(value);
        Object copy = Array.newInstance(element, length);
        System.arraycopy(value, 0, copy, 0, length);
        return copy;
    }

    private static Object checked(String key, Object value) {
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
}
