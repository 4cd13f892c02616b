// SPDX-License-Identifier: Apache-2.0
package io.edgewright.metrics;

import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;

/**
 * Writes the Prometheus text format 0.0.4 (prometheus.io/docs/instrumenting/exposition_formats). Our own, because the
 * Prometheus client library appends {@code _total} to the name of every counter, and dashboards made for Triton know its
 * counters without. Not thread-safe.
 */
final class Exposition {

    static final String CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

    /** The kinds of metrics that this bundle has. */
    enum Type {
        COUNTER("counter"),
        GAUGE("gauge"),
        HISTOGRAM("histogram"),
        SUMMARY("summary");

        private final String text;

        Type(String text) {
            this.text = text;
        }
    }

    private final StringBuilder out = new StringBuilder(16_384);

    /** Begins a metric; its samples follow, before the next metric. */
    Exposition family(String name, Type type, String help) {
        out.append("# HELP ").append(name).append(' ');
        escape(help, false);
        out.append("\n# TYPE ").append(name).append(' ').append(type.text).append('\n');
        return this;
    }

    /** Adds a whole number. Labels are names and values in turn. */
    Exposition sample(String name, long value, String... labels) {
        head(name, labels).append(value).append('\n');
        return this;
    }

    /** Adds a number. Labels are names and values in turn. */
    Exposition sample(String name, double value, String... labels) {
        StringBuilder line = head(name, labels);
        if (Double.isInfinite(value)) {
            line.append(value > 0 ? "+Inf" : "-Inf");
        } else {
            line.append(value);
        }
        line.append('\n');
        return this;
    }

    /** {@return milliseconds as text in seconds, without rounding errors such as 1.0000000000000001E-4} */
    static String seconds(double millis) {
        return BigDecimal.valueOf(millis).movePointLeft(3).stripTrailingZeros().toPlainString();
    }

    byte[] toBytes() {
        return out.toString().getBytes(StandardCharsets.UTF_8);
    }

    private StringBuilder head(String name, String... labels) {
        if (labels.length % 2 != 0) {
            throw new IllegalArgumentException(
                    name + " has " + labels.length + " label names and values, expected pairs");
        }
        out.append(name);
        for (int i = 0; i < labels.length; i += 2) {
            out.append(i == 0 ? '{' : ',').append(labels[i]).append("=\"");
            escape(labels[i + 1], true);
            out.append('"');
        }
        return out.append(labels.length > 0 ? "} " : " ");
    }

    private void escape(String text, boolean quoted) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '\\') {
                out.append("\\\\");
            } else if (c == '\n') {
                out.append("\\n");
            } else if (c == '"' && quoted) {
                out.append("\\\"");
            } else {
                out.append(c);
            }
        }
    }
}
