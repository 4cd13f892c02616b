// SPDX-License-Identifier: Apache-2.0
package io.edgewright.metrics;

import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads the Prometheus text format and refuses what a lenient parser would let through: a sample outside its family, a
 * family or a sample that comes twice, a histogram whose buckets fall or whose count differs.
 */
final class StrictParser {

    private static final Pattern SAMPLE =
            Pattern.compile("([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\\{(.*)})? (NaN|[+-]Inf|-?[0-9][0-9.eE+-]*)");
    private static final Pattern LABEL =
            Pattern.compile("([a-zA-Z_][a-zA-Z0-9_]*)=\"((?:[^\"\\\\\\n]|\\\\[\\\\\"n])*)\"(,|$)");

    private final Map<String, String> types = new LinkedHashMap<>();
    private final Map<String, Double> samples = new LinkedHashMap<>();
    private final Map<String, TreeMap<Double, Double>> buckets = new HashMap<>();
    private final Set<String> helped = new HashSet<>();
    private String family = "";

    StrictParser(String text) {
        if (!text.endsWith("\n")) {
            throw new AssertionError("the last line has no end");
        }
        text.lines().forEach(this::line);
        buckets.forEach(this::checkBuckets);
    }

    /** {@return the kind of each metric by name} */
    Map<String, String> types() {
        return types;
    }

    /** {@return the value of each sample by name and sorted labels, such as {@code up{job=x}}} */
    Map<String, Double> samples() {
        return samples;
    }

    private void line(String line) {
        if (line.startsWith("# HELP ")) {
            family = line.split(" ", 4)[2];
            check(helped.add(family), "two HELP lines: " + line);
        } else if (line.startsWith("# TYPE ")) {
            String[] words = line.split(" ");
            check(words[2].equals(family), "TYPE does not follow HELP: " + line);
            check(Set.of("counter", "gauge", "histogram", "summary").contains(words[3]), "unknown type: " + line);
            check(types.put(family, words[3]) == null, "two TYPE lines: " + line);
        } else {
            sample(line);
        }
    }

    private void sample(String line) {
        Matcher matcher = SAMPLE.matcher(line);
        check(matcher.matches(), "not a sample: " + line);
        String name = matcher.group(1);
        boolean part = Set.of("histogram", "summary").contains(types.get(family));
        check(name.equals(family) || (part && name.startsWith(family + "_")), "not of " + family + ": " + line);
        Map<String, String> labels = labels(matcher.group(2) == null ? "" : matcher.group(2), line);
        double value = number(matcher.group(3));
        check(samples.put(name + (labels.isEmpty() ? "" : labels), value) == null, "comes twice: " + line);
        if ("counter".equals(types.get(family))) {
            check(value >= 0, "a counter below 0: " + line);
        }
        if (name.endsWith("_bucket")) {
            double bound = number(labels.remove("le"));
            buckets.computeIfAbsent(family + " " + labels, k -> new TreeMap<>()).put(bound, value);
        }
    }

    private static Map<String, String> labels(String text, String line) {
        Map<String, String> labels = new TreeMap<>();
        Matcher matcher = LABEL.matcher(text);
        int end = 0;
        while (end < text.length()) {
            check(matcher.find(end) && matcher.start() == end, "labels are malformed: " + line);
            check(labels.put(matcher.group(1), matcher.group(2)) == null, "label comes twice: " + line);
            end = matcher.end();
        }
        return labels;
    }

    private void checkBuckets(String key, TreeMap<Double, Double> counts) {
        double last = 0;
        for (double count : counts.values()) {
            check(count >= last, "buckets fall: " + key + " " + counts);
            last = count;
        }
        check(counts.containsKey(Double.POSITIVE_INFINITY), "no last bucket: " + key);
        String name = key.substring(0, key.indexOf(' '));
        String labels = key.substring(key.indexOf(' ') + 1);
        Double count = samples.get(name + "_count" + labels);
        check(count != null && count == last, "count is " + count + ", buckets end at " + last + ": " + key);
    }

    private static double number(String text) {
        return switch (text) {
            case "+Inf" -> Double.POSITIVE_INFINITY;
            case "-Inf" -> Double.NEGATIVE_INFINITY;
            default -> Double.parseDouble(text);
        };
    }

    private static void check(boolean condition, String message) {
        if (!condition) {
            throw new AssertionError(message);
        }
    }
}
