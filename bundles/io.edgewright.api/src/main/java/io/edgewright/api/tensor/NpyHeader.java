// SPDX-License-Identifier: Apache-2.0
package io.edgewright.api.tensor;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The header of an NPY file: a Python dictionary literal with the keys {@code descr}, {@code fortran_order} and
 * {@code shape}.
 *
 * @param descr the element type as NumPy writes it, such as {@code <f4}
 * @param fortranOrder true if the first dimension varies fastest
 * @param shape the dimensions
 */
record NpyHeader(String descr, boolean fortranOrder, List<Long> shape) {

    /** NumPy allows 64 dimensions since 2.0. */
    static final int MAX_RANK = 64;

    NpyHeader {
        shape = List.copyOf(shape);
    }

    static NpyHeader parse(String text) throws IOException {
        Map<String, Object> entries = new Literal(text).dictionary();
        if (!(entries.get("descr") instanceof String descr)) {
            throw new IOException("NPY header " + shown(text)
                    + " has no plain 'descr' such as '<f4'; arrays of records are not supported");
        }
        if (!(entries.get("fortran_order") instanceof Boolean fortranOrder)) {
            throw new IOException("NPY header " + shown(text) + " has no 'fortran_order' of True or False");
        }
        if (!(entries.get("shape") instanceof List<?> tuple)) {
            throw new IOException("NPY header " + shown(text) + " has no 'shape' tuple");
        }
        List<Long> shape = new ArrayList<>();
        for (Object dim : tuple) {
            if (!(dim instanceof Long size) || size < 0) {
                throw new IOException("NPY shape " + tuple + " holds '" + dim + "', expected whole numbers from 0");
            }
            shape.add(size);
        }
        if (shape.size() > MAX_RANK) {
            throw new IOException("NPY array has " + shape.size() + " dimensions, expected at most " + MAX_RANK);
        }
        return new NpyHeader(descr, fortranOrder, shape);
    }

    private static String shown(String text) {
        String line = text.strip();
        return "'" + (line.length() > 200 ? line.substring(0, 200) + "..." : line) + "'";
    }

    /** Reads the few Python literals that NumPy writes: strings, True, False, whole numbers, tuples and lists. */
    private static final class Literal {

        private static final int MAX_DEPTH = 8;

        private final String text;
        private int at;

        Literal(String text) {
            this.text = text;
        }

        Map<String, Object> dictionary() throws IOException {
            Map<String, Object> entries = new HashMap<>();
            expect('{');
            while (peek() != '}') {
                String key = string();
                expect(':');
                if (entries.put(key, value(0)) != null) {
                    throw wrong("key '" + key + "' twice");
                }
                if (peek() != '}') {
                    expect(',');
                }
            }
            expect('}');
            if (peek() != 0) {
                throw wrong("more after the dictionary");
            }
            return entries;
        }

        private Object value(int depth) throws IOException {
            char c = peek();
            if (depth > MAX_DEPTH) {
                throw wrong("nesting deeper than " + MAX_DEPTH);
            } else if (c == '\'' || c == '"') {
                return string();
            } else if (c == '(') {
                return sequence(')', depth);
            } else if (c == '[') {
                return sequence(']', depth);
            }
            String word = word();
            return switch (word) {
                case "True" -> true;
                case "False" -> false;
                default -> number(word);
            };
        }

        private List<Object> sequence(char end, int depth) throws IOException {
            List<Object> items = new ArrayList<>();
            at++;
            while (peek() != end) {
                items.add(value(depth + 1));
                if (peek() != end) {
                    expect(',');
                }
            }
            at++;
            return items;
        }

        private String string() throws IOException {
            char quote = peek();
            int end = quote == '\'' || quote == '"' ? text.indexOf(quote, at + 1) : -1;
            if (end < 0) {
                throw wrong("no string");
            }
            String content = text.substring(at + 1, end);
            at = end + 1;
            return content;
        }

        private String word() {
            int start = at;
            while (at < text.length() && (Character.isLetterOrDigit(text.charAt(at)) || text.charAt(at) == '-')) {
                at++;
            }
            return text.substring(start, at);
        }

        private Long number(String word) throws IOException {
            String digits = word.endsWith("L") ? word.substring(0, word.length() - 1) : word; // Python 2 wrote 3L
            try {
                return Long.parseLong(digits);
            } catch (NumberFormatException e) {
                throw new IOException(wrong("'" + word + "'").getMessage(), e);
            }
        }

        private void expect(char c) throws IOException {
            if (peek() != c) {
                throw wrong("no '" + c + "'");
            }
            at++;
        }

        /** Skips blanks; 0 at the end. */
        private char peek() {
            while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
                at++;
            }
            return at < text.length() ? text.charAt(at) : 0;
        }

        private IOException wrong(String found) {
            return new IOException("NPY header " + shown(text) + " is malformed at " + at + ": found " + found);
        }
    }
}
