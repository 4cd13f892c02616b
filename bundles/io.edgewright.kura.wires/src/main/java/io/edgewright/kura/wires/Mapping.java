// SPDX-License-Identifier: Apache-2.0
package io.edgewright.kura.wires;

import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Settings of the form {@code name = value, value}, one a line; lines that begin with # are comments. */
final class Mapping {

    private Mapping() {}

    /**
     * {@return the values by name, in the order of the lines; unmodifiable}
     *
     * @param setting whose text it is, for errors
     * @param text any
     * @throws IllegalArgumentException if a line is malformed or a name is there twice; the message quotes it
     */
    static Map<String, List<String>> parse(String setting, String text) {
        Map<String, List<String>> mapping = new LinkedHashMap<>();
        for (String line : text.lines().map(String::strip).toList()) {
            if (line.isEmpty() || line.startsWith("#")) {
                continue;
            }
            int equals = line.indexOf('=');
            String name = line.substring(0, Math.max(0, equals)).strip();
            List<String> values = list(line.substring(equals + 1));
            if (name.isEmpty() || values.isEmpty() || mapping.put(name, values) != null) {
                throw new IllegalArgumentException(
                        "%s has the line '%s', expected 'name = value' or 'name = value, value', each name once"
                                .formatted(setting, line));
            }
        }
        return Collections.unmodifiableMap(mapping);
    }

    /** {@return what lies between the commas} */
    static List<String> list(String text) {
        return Arrays.stream(text.split(",", -1))
                .map(String::strip)
                .filter(part -> !part.isEmpty())
                .toList();
    }
}
