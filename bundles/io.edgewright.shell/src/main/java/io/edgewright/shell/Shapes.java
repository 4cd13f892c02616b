// SPDX-License-Identifier: Apache-2.0
package io.edgewright.shell;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Shapes on the command line: {@code images=1,3,224,224}, several by semicolons. */
final class Shapes {

    private Shapes() {}

    /** {@return the shape of each named input} */
    static Map<String, List<Long>> parse(String text) {
        Map<String, List<Long>> shapes = new LinkedHashMap<>();
        for (String part : text.split(";", -1)) {
            int equals = part.lastIndexOf('=');
            List<Long> shape = new ArrayList<>();
            for (String dim : part.substring(equals + 1).split(",", -1)) {
                if (equals < 1 || !dim.strip().matches("[0-9]{1,12}")) {
                    throw new IllegalArgumentException("--shape is '" + text
                            + "', expected an input's name and its dimensions: images=1,3,224,224");
                }
                shape.add(Long.parseLong(dim.strip()));
            }
            shapes.put(part.substring(0, equals).strip(), shape);
        }
        return shapes;
    }

    static String text(List<Long> shape) {
        return shape.stream().map(String::valueOf).collect(Collectors.joining(","));
    }
}
