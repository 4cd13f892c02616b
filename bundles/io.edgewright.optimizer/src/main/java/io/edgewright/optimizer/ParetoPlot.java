// SPDX-License-Identifier: Apache-2.0
package io.edgewright.optimizer;

import io.edgewright.api.optimize.Measurement;
import io.edgewright.api.optimize.Optimization;
import io.edgewright.api.optimize.Variant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** Draws speed against quality, with the file's size as the size of the dot, and the Pareto front as a line. */
final class ParetoPlot {

    private static final double WIDTH = 900;
    private static final double HEIGHT = 420;
    private static final double LEFT = 70;
    private static final double RIGHT = 30;
    private static final double TOP = 20;
    private static final double BOTTOM = 50;
    private static final double LARGEST_DOT = 22;

    private final Optimization result;
    private final boolean labelled;
    private final List<Dot> dots = new ArrayList<>();
    private final double mostSpeed;
    private final double leastQuality;
    private final double mostQuality;
    private final double mostBytes;

    /** A model in the plot. */
    private record Dot(
            int number, String name, double speed, double quality, long bytes, String color, boolean front) {}

    /** The numbers of dots that lie on each other, beside the first of them. */
    private record Label(double x, double y, List<Integer> numbers) {}

    private ParetoPlot(Optimization result) {
        this.result = result;
        this.labelled = !Double.isNaN(result.original().accuracy());
        add(0, "as it is", result.original(), "currentColor", false);
        for (int i = 0; i < result.variants().size(); i++) {
            Variant v = result.variants().get(i);
            boolean best = v.key().equals(result.chosen());
            String color =
                    switch (v.verdict()) {
                        case FRONT -> best ? "var(--best)" : "var(--dot)";
                        case DOMINATED, NO_GAIN -> "var(--dot)";
                        default -> "var(--bad)";
                    };
            add(i + 1, v.pipeline().toString(), v.measurement(), color, v.verdict() == Variant.Verdict.FRONT);
        }
        this.mostSpeed = 1.1 * dots.stream().mapToDouble(Dot::speed).max().orElse(1);
        double least = dots.stream().mapToDouble(Dot::quality).min().orElse(0);
        double most = dots.stream().mapToDouble(Dot::quality).max().orElse(1);
        double margin = Math.max(0.002, 0.15 * (most - least));
        this.leastQuality = least - margin;
        this.mostQuality = most + margin;
        this.mostBytes = dots.stream().mapToDouble(Dot::bytes).max().orElse(1);
    }

    static String of(Optimization result) {
        return new ParetoPlot(result).draw();
    }

    private void add(int number, String name, Measurement m, String color, boolean front) {
        double quality = labelled ? m.accuracy() : m.agreement().score();
        if (!Double.isNaN(quality) && !Double.isNaN(m.speedup())) {
            dots.add(new Dot(number, name, m.speedup(), quality, m.sizeBytes(), color, front));
        }
    }

    private String draw() {
        var svg = new StringBuilder(text("<svg viewBox=\"0 0 %.0f %.0f\" role=\"img\">", WIDTH, HEIGHT));
        svg.append("<title>Speed-up and ").append(quality()).append(" of the variants</title>\n");
        axes(svg);
        String front = dots.stream()
                .filter(Dot::front)
                .sorted(Comparator.comparing(Dot::speed))
                .map(d -> text("%.1f,%.1f", x(d.speed), y(d.quality)))
                .collect(Collectors.joining(" "));
        svg.append("<polyline fill=\"none\" stroke=\"var(--dot)\" stroke-dasharray=\"4 4\" points=\"")
                .append(front)
                .append("\"/>\n");
        for (Dot dot : dots) {
            double radius = 4 + LARGEST_DOT * Math.sqrt(dot.bytes / Math.max(1, mostBytes)) / 2;
            svg.append(text(
                    "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"%.1f\" fill=\"%s\" fill-opacity=\"0.55\" stroke=\"%s\"><title>%s</title></circle>\n",
                    x(dot.speed), y(dot.quality), radius, dot.color, dot.color, ReportPage.escape(tip(dot))));
        }
        labels().forEach(label -> svg.append(text(
                "<text x=\"%.1f\" y=\"%.1f\">%s</text>\n",
                label.x, label.y, label.numbers.stream().map(String::valueOf).collect(Collectors.joining(", ")))));
        return svg.append("</svg>\n").toString();
    }

    /** One label for dots that lie on each other. */
    private List<Label> labels() {
        List<Label> labels = new ArrayList<>();
        for (int i = 0; i < dots.size(); i++) {
            double left = x(dots.get(i).speed) + LARGEST_DOT / 2 + 6;
            double top = y(dots.get(i).quality) + 4;
            Optional<Label> near = labels.stream()
                    .filter(l -> Math.abs(l.x - left) < LARGEST_DOT && Math.abs(l.y - top) < LARGEST_DOT / 2)
                    .findFirst();
            if (near.isPresent()) {
                near.get().numbers.add(dots.get(i).number);
            } else {
                labels.add(new Label(left, top, new ArrayList<>(List.of(dots.get(i).number))));
            }
        }
        return labels;
    }

    private void axes(StringBuilder svg) {
        for (int i = 0; i <= 4; i++) {
            double speed = mostSpeed * i / 4;
            double quality = leastQuality + (mostQuality - leastQuality) * i / 4;
            svg.append(text(
                    "<path d=\"M%.1f %.1fV%.1f M%.1f %.1fH%.1f\" stroke=\"var(--line)\"/>",
                    x(speed), TOP, HEIGHT - BOTTOM, LEFT, y(quality), WIDTH - RIGHT));
            svg.append(text(
                    "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\">%.2f</text>",
                    x(speed), HEIGHT - BOTTOM + 18, speed));
            svg.append(text(
                    "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"end\">%.2f</text>\n",
                    LEFT - 8, y(quality) + 4, 100 * quality));
        }
        svg.append(text(
                "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\">times as fast as the model as it is (%.3f ms); a dot's area is the file's size, its number that of the row below</text>\n",
                (LEFT + WIDTH - RIGHT) / 2,
                HEIGHT - 10,
                result.original().latency().p50().toNanos() / 1e6));
        svg.append(text(
                "<text transform=\"translate(16 %.1f) rotate(-90)\" text-anchor=\"middle\">%s, %%</text>\n",
                (TOP + HEIGHT - BOTTOM) / 2, quality()));
    }

    private String quality() {
        return labelled ? "accuracy" : "agreement";
    }

    private static String tip(Dot dot) {
        return text("%s: %.2f times as fast, %.2f %%, %d KiB", dot.name, dot.speed, 100 * dot.quality, dot.bytes >> 10);
    }

    private double x(double speed) {
        return LEFT + (WIDTH - LEFT - RIGHT) * speed / mostSpeed;
    }

    private double y(double quality) {
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * (quality - leastQuality) / (mostQuality - leastQuality);
    }

    private static String text(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }
}
