// SPDX-License-Identifier: Apache-2.0
package io.edgewright.launcher;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A parsed command line.
 *
 * @param command the command
 * @param arguments what is no option
 * @param options option name to value; a flag's value is {@code true}
 */
record CommandLine(Command command, List<String> arguments, Map<String, String> options) {

    /** Copies. */
    CommandLine {
        arguments = List.copyOf(arguments);
        options = Map.copyOf(options);
    }

    static CommandLine parse(List<String> words) throws UsageException {
        if (words.isEmpty() || words.get(0).equals("--help") || words.get(0).equals("-h")) {
            return new CommandLine(Commands.find("help"), List.of(), Map.of());
        }
        if (words.get(0).equals("--version")) {
            return new CommandLine(Commands.find("version"), List.of(), Map.of());
        }
        Command command = Commands.find(words.get(0));
        List<String> arguments = new ArrayList<>();
        Map<String, String> options = new HashMap<>();
        boolean optionsOver = false;
        for (Iterator<String> rest = words.subList(1, words.size()).iterator(); rest.hasNext(); ) {
            String word = rest.next();
            if (optionsOver || !word.startsWith("-") || word.equals("-")) {
                arguments.add(word);
            } else if (word.equals("--")) {
                optionsOver = true;
            } else if (word.equals("--help") || word.equals("-h")) {
                return new CommandLine(Commands.find("help"), List.of(command.name()), Map.of());
            } else {
                option(command, word, rest, options);
            }
        }
        checkCount(command, arguments);
        return new CommandLine(command, arguments, options);
    }

    Optional<String> option(String name) {
        return Optional.ofNullable(options.get(name));
    }

    boolean flag(String name) {
        return options.containsKey(name);
    }

    int number(String name, int fallback, int least, int most) throws UsageException {
        String text = options.get(name);
        if (text == null) {
            return fallback;
        }
        try {
            int value = Integer.parseInt(text);
            if (least <= value && value <= most) {
                return value;
            }
        } catch (NumberFormatException e) {
            // told below, like one out of range
        }
        throw new UsageException("--%s is '%s', expected a number from %d to %d".formatted(name, text, least, most));
    }

    private static void option(Command command, String word, Iterator<String> rest, Map<String, String> options)
            throws UsageException {
        int equals = word.indexOf('=');
        String name = word.substring(word.startsWith("--") ? 2 : 1, equals < 0 ? word.length() : equals);
        Option option = command.option(name)
                .filter(o -> word.startsWith("--"))
                .orElseThrow(() -> new UsageException("unknown option '" + word + "' of " + command.name()
                        + Suggestion.text(
                                name,
                                command.options().stream().map(Option::name).toList())
                        + "; 'edgewright help " + command.name() + "' lists its options"));
        String value;
        if (option.isFlag()) {
            if (equals >= 0) {
                throw new UsageException("--" + name + " takes no value, found '" + word + "'");
            }
            value = "true";
        } else if (equals >= 0) {
            value = word.substring(equals + 1);
        } else if (rest.hasNext()) {
            value = rest.next();
        } else {
            throw new UsageException("--" + name + " has no value, expected " + option);
        }
        if (options.put(name, value) != null) {
            throw new UsageException("--" + name + " is given twice");
        }
    }

    private static void checkCount(Command command, List<String> arguments) throws UsageException {
        int count = arguments.size();
        if (count < command.least() || count > command.most()) {
            throw new UsageException("%s takes %s argument%s, found %d; usage: %s"
                    .formatted(
                            command.name(),
                            command.least() == command.most()
                                    ? command.least() == 0 ? "no" : Integer.toString(command.least())
                                    : count < command.least()
                                            ? "at least " + command.least()
                                            : "at most " + command.most(),
                            (count < command.least() ? command.least() : command.most()) == 1 ? "" : "s",
                            count,
                            command.usage()));
        }
    }
}
