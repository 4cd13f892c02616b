// SPDX-License-Identifier: Apache-2.0
package io.edgewright.shell;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a command was told: arguments under the empty key, each option under its name.
 *
 * @param words as the command line gives them
 */
record Request(Map<String, List<String>> words) {

    /** Copies. */
    Request {
        words = Map.copyOf(words);
    }

    List<String> arguments() {
        return words.getOrDefault("", List.of());
    }

    boolean flag(String name) {
        return words.containsKey(name);
    }

    Optional<String> option(String name) {
        return words.getOrDefault(name, List.of()).stream().findFirst();
    }

    Optional<Path> file(String name) {
        return option(name).map(Path::of);
    }

    int number(String name, int fallback, int least, int most) {
        return (int) real(name, fallback, least, most);
    }

    double real(String name, double fallback, double least, double most) {
        Optional<String> text = option(name);
        if (text.isEmpty()) {
            return fallback;
        }
        try {
            double value = Double.parseDouble(text.get());
            if (value >= least && value <= most) {
                return value;
            }
        } catch (NumberFormatException e) {
            // told below like a number out of range
        }
        throw new IllegalArgumentException(
                "--%s is '%s', expected a number from %s to %s".formatted(name, text.get(), plain(least), plain(most)));
    }

    private static String plain(double number) {
        return number == Math.rint(number) ? Long.toString((long) number) : Double.toString(number);
    }
}
