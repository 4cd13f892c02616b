// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.litert;

import io.edgewright.api.accelerator.AcceleratorKind;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * A checked configuration of one delegate.
 *
 * @param name of the device, such as {@code edgetpu.0}
 * @param preset what is known of it
 * @param library its path or name
 * @param options passed to it
 * @param kind of the device
 */
record DelegateSettings(
        String name, DelegatePreset preset, String library, Map<String, String> options, AcceleratorKind kind) {

    /**
     * Checks a configuration.
     *
     * @throws IllegalArgumentException if it cannot be meant so; the message says what was expected
     */
    static DelegateSettings of(DelegateDriver.Config config) {
        DelegatePreset preset = DelegatePreset.of(config.preset());
        String name = config.name().isBlank()
                ? preset.name().toLowerCase(Locale.ROOT) + ".0"
                : config.name().strip();
        if (!name.matches("[a-z0-9._-]{1,60}") || name.equals("cpu")) {
            throw new IllegalArgumentException("name is '" + name
                    + "', expected 1 to 60 of a-z, 0-9, '.', '_', '-', such as edgetpu.0, and not cpu");
        }
        String library =
                config.library().isBlank() ? preset.library() : config.library().strip();
        if (library.isEmpty()) {
            throw new IllegalArgumentException("library is empty, expected the path of the vendor's external delegate");
        }
        return new DelegateSettings(name, preset, library, options(config.options(), preset), kind(config, preset));
    }

    private static Map<String, String> options(String[] lines, DelegatePreset preset) {
        Map<String, String> options = new TreeMap<>();
        for (String line : lines) {
            if (line.isBlank()) {
                continue;
            }
            int equals = line.indexOf('=');
            if (equals < 1) {
                throw new IllegalArgumentException("option '" + line + "' is malformed, expected key=value");
            }
            options.put(
                    line.substring(0, equals).strip(),
                    line.substring(equals + 1).strip());
        }
        for (String key : options.keySet()) {
            if (!preset.options().isEmpty() && !preset.options().contains(key)) {
                throw new IllegalArgumentException(
                        "option '%s' is unknown to the preset %s, expected one of %s; the preset generic passes any"
                                .formatted(key, preset.name().toLowerCase(Locale.ROOT), sorted(preset.options())));
            }
        }
        return options;
    }

    private static AcceleratorKind kind(DelegateDriver.Config config, DelegatePreset preset) {
        if (config.kind().isBlank()) {
            return preset.kind();
        }
        String wanted = config.kind().strip().toUpperCase(Locale.ROOT);
        return Arrays.stream(AcceleratorKind.values())
                .filter(k -> k.name().equals(wanted))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("kind is '%s', expected one of %s"
                        .formatted(config.kind(), Arrays.toString(AcceleratorKind.values()))));
    }

    private static java.util.List<String> sorted(Set<String> texts) {
        return texts.stream().sorted().toList();
    }
}
