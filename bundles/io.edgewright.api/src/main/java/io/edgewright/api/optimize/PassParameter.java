// SPDX-License-Identifier: Apache-2.0
package io.edgewright.api.optimize;

import java.util.List;
import java.util.Locale;

/**
 * A parameter of a pass, as a form or a command line shows and checks it.
 *
 * @param name lower-case letters, digits, {@code .} and {@code -}
 * @param defaultValue used where it is not given
 * @param description what it means, with its unit; one sentence for people
 * @param kind which values it takes
 * @param choices the values of a {@link Kind#CHOICE}; else empty
 * @param least the least value of a number; else 0
 * @param most the greatest value of a number; else 0
 */
public record PassParameter(
        String name,
        String defaultValue,
        String description,
        Kind kind,
        List<String> choices,
        double least,
        double most) {

    /** Which values a parameter takes. */
    public enum Kind {
        /** One of the choices. */
        CHOICE,
        /** A whole number. */
        INTEGER,
        /** A number. */
        REAL,
        /** Any text without {@code ; , = ( )}, such as the name of a model or of nodes separated by blanks. */
        TEXT
    }

    /** Checks, also that the default is one of the values. */
    public PassParameter {
        if (!name.matches("[a-z][a-z0-9.-]{0,59}")) {
            throw new IllegalArgumentException(
                    "parameter name '" + name + "' is malformed, expected lower-case letters, digits, '.', '-'");
        }
        choices = List.copyOf(choices);
        checkValue(name, kind, choices, least, most, defaultValue);
    }

    /**
     * {@return a parameter with one of several values}
     *
     * @param name its name
     * @param description what it means
     * @param choices the values; the first is the default
     */
    public static PassParameter choice(String name, String description, String... choices) {
        return new PassParameter(name, choices[0], description, Kind.CHOICE, List.of(choices), 0, 0);
    }

    /**
     * {@return a parameter with a whole number}
     *
     * @param name its name
     * @param description what it means
     * @param defaultValue used where it is not given
     * @param least the least value
     * @param most the greatest value
     */
    public static PassParameter integer(String name, String description, long defaultValue, long least, long most) {
        return new PassParameter(name, Long.toString(defaultValue), description, Kind.INTEGER, List.of(), least, most);
    }

    /**
     * {@return a parameter with a number}
     *
     * @param name its name
     * @param description what it means
     * @param defaultValue used where it is not given
     * @param least the least value
     * @param most the greatest value
     */
    public static PassParameter real(String name, String description, double defaultValue, double least, double most) {
        return new PassParameter(name, Double.toString(defaultValue), description, Kind.REAL, List.of(), least, most);
    }

    /**
     * {@return a parameter with any text}
     *
     * @param name its name
     * @param description what it means
     * @param defaultValue used where it is not given; may be empty
     */
    public static PassParameter text(String name, String description, String defaultValue) {
        return new PassParameter(name, defaultValue, description, Kind.TEXT, List.of(), 0, 0);
    }

    /**
     * Checks a value.
     *
     * @param value what somebody gave
     * @throws IllegalArgumentException if it is none; the message says what was expected
     */
    public void check(String value) {
        checkValue(name, kind, choices, least, most, value);
    }

    private static void checkValue(
            String name, Kind kind, List<String> choices, double least, double most, String value) {
        boolean good =
                switch (kind) {
                    case CHOICE -> choices.contains(value);
                    case INTEGER -> value.matches("-?[0-9]{1,15}") && isIn(Long.parseLong(value), least, most);
                    case REAL -> value.matches("-?[0-9.]{1,20}([eE]-?[0-9]{1,2})?") && isReal(value, least, most);
                    case TEXT -> !value.matches("(?s).*[;,=()].*");
                };
        if (!good) {
            throw new IllegalArgumentException(
                    "%s is '%s', expected %s".formatted(name, value, expected(kind, choices, least, most)));
        }
    }

    private static String expected(Kind kind, List<String> choices, double least, double most) {
        return switch (kind) {
            case CHOICE -> "one of " + choices;
            case INTEGER -> String.format(Locale.ROOT, "a whole number from %.0f to %.0f", least, most);
            case REAL -> "a number from " + least + " to " + most;
            case TEXT -> "text without ; , = ( )";
        };
    }

    private static boolean isReal(String value, double least, double most) {
        try {
            return isIn(Double.parseDouble(value), least, most);
        } catch (NumberFormatException e) {
            return false;
        }
    }

    private static boolean isIn(double value, double least, double most) {
        return value >= least && value <= most;
    }
}
