// SPDX-License-Identifier: Apache-2.0
package io.edgewright.vision;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The text of a zone or line: {@code name: x,y x,y ...}. */
record ShapeText(String name, List<Point> points) {

    private static final Pattern NAME = Pattern.compile("\\s*([A-Za-z0-9._-]{1,64})\\s*:(.*)", Pattern.DOTALL);

    /** Parses; the message of an IllegalArgumentException shows the text, what is wrong and what is expected. */
    static ShapeText parse(String kind, String text) {
        Matcher matcher = NAME.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException(
                    "%s '%s' has no name, expected 'name: x,y x,y ...' with letters, digits, '.', '_', '-' in the name"
                            .formatted(kind, text));
        }
        List<Point> points = new ArrayList<>();
        String rest = matcher.group(2).strip();
        for (String part : rest.isEmpty() ? new String[0] : rest.split("\\s+")) {
            points.add(point(kind, text, part));
        }
        return new ShapeText(matcher.group(1), List.copyOf(points));
    }

    private static Point point(String kind, String text, String part) {
        String[] numbers = part.split(",", -1);
        if (numbers.length != 2) {
            throw new IllegalArgumentException(
                    "%s '%s': '%s' is no point, expected x,y such as 0.25,0.9".formatted(kind, text, part));
        }
        return new Point(number(kind, text, numbers[0]), number(kind, text, numbers[1]));
    }

    private static double number(String kind, String text, String part) {
        double value;
        try {
            value = Double.parseDouble(part);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(
                    "%s '%s': '%s' is no number, expected 0 to 1".formatted(kind, text, part), e);
        }
        if (!(value >= 0 && value <= 1)) {
            throw new IllegalArgumentException(
                    "%s '%s': %s is outside the picture, expected fractions of its size, 0 to 1"
                            .formatted(kind, text, part));
        }
        return value;
    }
}
