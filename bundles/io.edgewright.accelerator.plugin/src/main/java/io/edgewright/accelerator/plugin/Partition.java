// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.plugin;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Who ran which part of a model, as ONNX Runtime's profile of one run says: one event a line, {@code "cat" : "Node"},
 * with {@code op_name} and {@code provider} in its {@code args} (profiler.cc of ONNX Runtime 1.29). A provider that
 * compiles shows what it took as one node; only what it left behind has operators of the model's own.
 *
 * @param taken the provider's own nodes
 * @param left operators that ran on the processor: name to how many
 * @param known false if no run could be observed
 */
record Partition(int taken, Map<String, Integer> left, boolean known) {

    static final Partition UNKNOWN = new Partition(0, Map.of(), false);

    /** What ONNX Runtime calls its own kernels for the processor. */
    private static final String PROCESSOR = "CPUExecutionProvider";

    private static final Pattern OPERATOR = Pattern.compile("\"op_name\" ?: ?\"([A-Za-z0-9_.:]{1,200})\"");
    private static final Pattern PROVIDER = Pattern.compile("\"provider\" ?: ?\"([A-Za-z0-9_.:-]{1,200})\"");

    /** A model has fewer nodes than that; a profile has one line for each. */
    private static final int MOST_LINES = 1_000_000;

    Partition {
        left = Map.copyOf(left);
    }

    /**
     * {@return what the profile of one run says}
     *
     * @throws IOException if it cannot be read
     */
    static Partition read(Path profile) throws IOException {
        Map<String, Integer> left = new HashMap<>();
        int taken = 0;
        try (BufferedReader in = Files.newBufferedReader(profile, StandardCharsets.ISO_8859_1)) {
            int lines = 0;
            for (String line = in.readLine(); line != null && lines < MOST_LINES; line = in.readLine()) {
                lines++;
                Matcher provider = PROVIDER.matcher(line);
                Matcher operator = OPERATOR.matcher(line);
                if (!line.startsWith("{\"cat\" : \"Node\"") || !provider.find() || !operator.find()) {
                    continue;
                }
                if (provider.group(1).equals(PROCESSOR)) {
                    left.merge(operator.group(1), 1, Integer::sum);
                } else {
                    taken++;
                }
            }
        }
        return new Partition(taken, left, taken > 0 || !left.isEmpty());
    }

    /** {@return true if the provider runs nothing of this model} */
    boolean isNothing() {
        return known && taken == 0;
    }

    /** {@return this for people} */
    Map<String, String> facts(String provider) {
        var facts = new LinkedHashMap<String, String>();
        facts.put("provider", provider);
        facts.put("partition", describe(provider));
        if (known) {
            facts.put("provider.parts", Integer.toString(taken));
            facts.put("processor.nodes", Integer.toString(count()));
        }
        return facts;
    }

    String describe(String provider) {
        if (!known) {
            return "not known: the model did not run on made-up inputs";
        }
        if (left.isEmpty()) {
            return "all on " + provider;
        }
        String rest = new TreeMap<>(left)
                .entrySet().stream()
                        .map(e -> e.getKey() + (e.getValue() == 1 ? "" : " x" + e.getValue()))
                        .collect(Collectors.joining(", "));
        return taken == 0
                ? "nothing on " + provider + ", all on the processor: " + rest
                : taken + (taken == 1 ? " part" : " parts") + " on " + provider + "; on the processor: " + rest;
    }

    private int count() {
        return left.values().stream().mapToInt(Integer::intValue).sum();
    }
}
