// SPDX-License-Identifier: Apache-2.0
package io.edgewright.optimizer;

import io.edgewright.api.model.ModelId;
import io.edgewright.api.optimize.Measurement;
import io.edgewright.api.optimize.NodeRemark;
import io.edgewright.api.optimize.Optimization;
import io.edgewright.api.optimize.PassRecord;
import io.edgewright.api.optimize.Variant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;

/** A result as a page that stands alone: no scripts, nothing from elsewhere. */
final class ReportPage {

    private static final String HEAD = """
            <!doctype html>
            <html lang="en"><head><meta charset="utf-8"><title>%s</title>
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <style>
            :root { color-scheme: light dark; --line: #8884; --best: #0a7d33; --bad: #b3261e; --dot: #3367d6; }
            body { font: 15px/1.45 system-ui, sans-serif; margin: 2rem auto; max-width: 84rem; padding: 0 1rem; }
            h1 { font-size: 1.5rem; margin-bottom: .2rem } h2 { font-size: 1.1rem; margin-top: 2rem }
            table { border-collapse: collapse; width: 100%%; font-size: .87rem; font-variant-numeric: tabular-nums }
            th, td { padding: .3rem .6rem; border-bottom: 1px solid var(--line); text-align: right; vertical-align: top }
            th:nth-child(2), td:nth-child(2), td:last-child, th:last-child { text-align: left }
            .best td { font-weight: 600; color: var(--best) } .GATE_FAILED td, .REFUSED td, .FAILED td { color: var(--bad) }
            code { font-size: .9em } svg { width: 100%%; height: auto } svg text { fill: currentColor; font-size: 12px }
            details { margin: .4rem 0 } .scroll { overflow-x: auto }
            </style></head><body>
            """;

    private ReportPage() {}

    /**
     * {@return the page}
     *
     * @param manifests answers what a model's manifest says of it
     */
    static String of(Optimization result, Function<ModelId, Map<String, String>> manifests) {
        Map<String, String> properties = manifests.apply(result.request().model());
        var page = new StringBuilder();
        String title = result.request().model() + " on " + result.request().accelerator();
        page.append(String.format(Locale.ROOT, HEAD, escape(title)));
        page.append("<h1>").append(escape(title)).append("</h1>\n");
        page.append("<p>")
                .append(escape(result.state() + ": " + result.message()))
                .append("</p>\n");
        if (result.original().latency().runs() > 0) {
            page.append("<h2>Speed and quality</h2>\n").append(ParetoPlot.of(result));
            page.append("<h2>What was measured</h2>\n").append(table(result));
        }
        page.append("<h2>What was done</h2>\n");
        result.variants()
                .forEach(v -> page.append(steps(v, CommandText.of(result.request(), v.pipeline(), properties))));
        page.append("<h2>To do it again</h2>\n<p><code>")
                .append(escape(CommandText.of(result.request(), result.request().pipeline(), properties)))
                .append("</code></p>\n");
        return page.append("</body></html>\n").toString();
    }

    private static String table(Optimization result) {
        var rows = new StringBuilder("<div class=\"scroll\"><table><thead><tr>");
        for (String head : List.of(
                "",
                "variant",
                "accuracy",
                "agreement",
                "least cosine",
                "greatest error",
                "p50 ms",
                "p95 ms",
                "speed-up",
                "KiB",
                "memory KiB",
                "verdict")) {
            rows.append("<th>").append(head).append("</th>");
        }
        rows.append("</tr></thead><tbody>\n");
        rows.append(row(0, "", "as it is", result.original(), ""));
        for (int i = 0; i < result.variants().size(); i++) {
            Variant v = result.variants().get(i);
            boolean best = !result.chosen().isEmpty() && v.key().equals(result.chosen());
            String style = best ? "best" : v.verdict().name();
            String verdict = (best ? "chosen: " : v.verdict() + ": ") + v.reason();
            rows.append(row(i + 1, style, v.pipeline().toString(), v.measurement(), verdict));
        }
        return rows.append("</tbody></table></div>\n<p>Compared on ")
                .append(result.samples())
                .append(
                        " samples. The variants took turns with the model as it is while they were timed, so compare the")
                .append(" speed-up rather than the times of different rows.</p>\n")
                .toString();
    }

    private static String row(int number, String style, String name, Measurement m, String verdict) {
        var row = new StringBuilder(
                "<tr class=\"" + style + "\"><td>" + number + "</td><td><code>" + escape(name) + "</code></td>");
        cell(row, "%.2f %%", 100 * m.accuracy());
        cell(row, "%.2f %%", 100 * m.agreement().score());
        cell(row, "%.4f", m.agreement().cosine());
        cell(row, "%.3g", m.agreement().maxError());
        boolean timed = m.latency().runs() > 0;
        cell(row, "%.3f", timed ? m.latency().p50().toNanos() / 1e6 : Double.NaN);
        cell(row, "%.3f", timed ? m.latency().p95().toNanos() / 1e6 : Double.NaN);
        cell(row, "%.2f", m.speedup());
        cell(row, "%.0f", m.sizeBytes() == 0 ? Double.NaN : m.sizeBytes() / 1024.0);
        cell(row, "%.0f", m.memoryBytes() == 0 ? Double.NaN : m.memoryBytes() / 1024.0);
        return row.append("<td>").append(escape(verdict)).append("</td></tr>\n").toString();
    }

    private static void cell(StringBuilder row, String format, double value) {
        row.append("<td>")
                .append(Double.isNaN(value) ? "" : String.format(Locale.ROOT, format, value))
                .append("</td>");
    }

    private static String steps(Variant variant, String again) {
        var text = new StringBuilder("<details><summary><code>")
                .append(escape(variant.pipeline().toString()))
                .append("</code></summary>\n<ol>");
        for (PassRecord step : variant.steps()) {
            text.append("<li><code>")
                    .append(escape(step.step().toString()))
                    .append("</code> (")
                    .append(step.millis())
                    .append(" ms): ")
                    .append(escape(step.result().summary()))
                    .append("<br><small>")
                    .append(escape(new TreeMap<>(step.result().figures()) + " "
                            + (step.result().load().isEmpty()
                                    ? ""
                                    : step.result().load())))
                    .append("<br>from ")
                    .append(escape(step.inputDigest()))
                    .append("<br>to ")
                    .append(escape(step.outputDigest()))
                    .append("</small>")
                    .append(remarks(step.result().remarks()))
                    .append("</li>\n");
        }
        return text.append("</ol><p>Again: <code>")
                .append(escape(again))
                .append("</code></p></details>\n")
                .toString();
    }

    /** By rule, as a model has many nodes and few reasons. */
    private static String remarks(List<NodeRemark> remarks) {
        if (remarks.isEmpty()) {
            return "";
        }
        Map<String, List<NodeRemark>> byRule =
                remarks.stream().collect(Collectors.groupingBy(NodeRemark::rule, TreeMap::new, Collectors.toList()));
        var text = new StringBuilder("<table><tbody>");
        byRule.forEach((rule, nodes) -> text.append("<tr><td><code>")
                .append(escape(rule))
                .append("</code></td><td>")
                .append(nodes.size())
                .append("</td><td>")
                .append(escape(nodes.get(0).message()))
                .append("<br><small>")
                .append(escape(nodes.stream()
                        .map(n -> n.node() + " (" + n.operator() + ")")
                        .collect(Collectors.joining(", "))))
                .append("</small></td></tr>\n"));
        return text.append("</tbody></table>").toString();
    }

    static String escape(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }
}
