// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.plugin;

import io.edgewright.api.accelerator.AcceleratorKind;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What one configuration asks for, checked; travels to another process as texts.
 *
 * @param name the driver's name
 * @param preset what is known about the provider
 * @param library a file, or a folder with the preset's file
 * @param options provider options
 * @param filters which devices to use; empty for all
 * @param kinds which kinds of devices to use; empty for all
 * @param shownAs the kind to show them as; empty for their own
 * @param fallback how much of a model the processor may run
 * @param report true to find out who runs what; only ever in a process of its own, see {@link Reports}
 */
record Wishes(
        String name,
        Preset preset,
        Path library,
        Map<String, String> options,
        List<String> filters,
        Set<AcceleratorKind> kinds,
        Optional<AcceleratorKind> shownAs,
        Fallback fallback,
        boolean report) {

    /** How much of a model the processor may run. */
    enum Fallback {
        /** Nothing. */
        NONE,
        /** What the device does not take, if it takes anything. */
        SOME,
        /** Everything. */
        ALL
    }

    Wishes {
        if (!name.matches("[a-z0-9_-][a-z0-9._-]{0,39}") || name.endsWith(".virtual")) {
            throw new IllegalArgumentException(
                    "name is '" + name + "', expected up to 40 of a-z, 0-9, '.', '_', '-', not ending in .virtual");
        }
        options = Map.copyOf(options);
        filters = List.copyOf(filters);
        kinds = Set.copyOf(kinds);
        preset.complaint(options).ifPresent(complaint -> {
            throw new IllegalArgumentException(complaint);
        });
    }

    /** {@return these with or without a report} */
    Wishes withReport(boolean wanted) {
        return new Wishes(name, preset, library, options, filters, kinds, shownAs, fallback, wanted);
    }

    /** {@return provider options from entries like {@code key=value}} */
    static Map<String, String> options(List<String> entries) {
        Map<String, String> options = new LinkedHashMap<>();
        for (String entry : entries) {
            int equals = entry.indexOf('=');
            if (equals < 1) {
                throw new IllegalArgumentException("option is '" + entry + "', expected key=value");
            }
            options.put(
                    entry.substring(0, equals).strip(),
                    entry.substring(equals + 1).strip());
        }
        return options;
    }

    static Set<AcceleratorKind> kinds(List<String> names) {
        Set<AcceleratorKind> kinds = EnumSet.noneOf(AcceleratorKind.class);
        names.forEach(name -> kinds.add(kind(name)));
        return kinds;
    }

    static AcceleratorKind kind(String name) {
        return constant(AcceleratorKind.class, "kind", name);
    }

    static <E extends Enum<E>> E constant(Class<E> type, String what, String name) {
        String wanted = name.strip().toUpperCase(Locale.ROOT);
        return Arrays.stream(type.getEnumConstants())
                .filter(c -> c.name().equals(wanted))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(what + " is '" + name + "', expected one of "
                        + Arrays.stream(type.getEnumConstants())
                                .map(c -> c.name().toLowerCase(Locale.ROOT))
                                .collect(Collectors.joining(", "))));
    }

    /** {@return this as texts} */
    Map<String, String> write() {
        Map<String, String> texts = new TreeMap<>();
        texts.put("name", name);
        texts.put("preset", preset.text());
        texts.put("library", library.toString());
        texts.put("filters", String.join("\n", filters));
        texts.put("kinds", kinds.stream().map(Enum::name).sorted().collect(Collectors.joining("\n")));
        texts.put("shown.as", shownAs.map(Enum::name).orElse(""));
        texts.put("fallback", fallback.name());
        texts.put("report", Boolean.toString(report));
        options.forEach((key, value) -> texts.put("option." + key, value));
        return texts;
    }

    /** {@return what {@link #write} wrote} */
    static Wishes read(Map<String, String> texts) {
        Map<String, String> options = new TreeMap<>();
        texts.forEach((key, value) -> {
            if (key.startsWith("option.")) {
                options.put(key.substring("option.".length()), value);
            }
        });
        String shownAs = texts.getOrDefault("shown.as", "");
        return new Wishes(
                texts.getOrDefault("name", ""),
                Preset.named(texts.getOrDefault("preset", "")),
                Path.of(texts.getOrDefault("library", "")),
                options,
                lines(texts.getOrDefault("filters", "")),
                kinds(lines(texts.getOrDefault("kinds", ""))),
                shownAs.isEmpty() ? Optional.empty() : Optional.of(kind(shownAs)),
                constant(Fallback.class, "fallback", texts.getOrDefault("fallback", "")),
                Boolean.parseBoolean(texts.get("report")));
    }

    private static List<String> lines(String text) {
        return text.lines().filter(line -> !line.isBlank()).toList();
    }
}
