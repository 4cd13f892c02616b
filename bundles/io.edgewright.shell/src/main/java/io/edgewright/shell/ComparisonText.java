// SPDX-License-Identifier: Apache-2.0
package io.edgewright.shell;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.edgewright.shell.Comparison.Candidate;
import io.edgewright.shell.Comparison.Ratio;
import io.edgewright.shell.Comparison.Refused;
import io.edgewright.shell.Comparison.Result;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Tells what a comparison of devices found: as a table, or as JSON. */
final class ComparisonText {

    private static final double MIB = 1 << 20;

    private ComparisonText() {}

    /** {@return the exit code: 1 if no device took the model} */
    static int report(Result result, boolean json, PrintStream out) {
        if (json) {
            out.println(json(result));
        } else {
            print(result, out);
        }
        return result.candidates().isEmpty() ? 1 : 0;
    }

    private static void print(Result result, PrintStream out) {
        out.printf(
                Locale.ROOT,
                "%s, %d client%s; devices took turns in slices%n",
                result.model().id(),
                result.clients(),
                result.clients() == 1 ? "" : "s");
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of(
                "ACCELERATOR",
                "DRIVER",
                "FORMAT",
                "LOAD MS",
                "CALLS/S",
                "P50 MS",
                "P95 MS",
                "P99 MS",
                "BYTES/CALL",
                "MODEL MIB",
                "PROCESS MIB",
                "P50 TO FIRST"));
        for (Candidate c : result.candidates()) {
            rows.add(row(c, result.candidates().get(0)));
        }
        Columns.print(rows, out);
        for (Refused refused : result.refused()) {
            out.printf(
                    "not measured: %s: %s%n",
                    refused.accelerator().isEmpty()
                            ? "driver " + refused.driver() + " has no device"
                            : refused.accelerator() + " (" + refused.driver() + ")",
                    refused.reason());
        }
    }

    private static List<String> row(Candidate c, Candidate first) {
        Ratio ratio = Comparison.ratio(c.p50OfRound, first.p50OfRound);
        return List.of(
                c.device.id(),
                c.device.driver(),
                c.served.manifest().format(),
                number("%.0f", c.loadMillis),
                number("%.1f", c.callsPerSecond()),
                number("%.3f", c.latency.quantileMillis(0.5)),
                number("%.3f", c.latency.quantileMillis(0.95)),
                number("%.3f", c.latency.quantileMillis(0.99)),
                number("%.0f", c.allocatedBytes / (double) Math.max(1, c.latency.count())),
                c.served.memoryBytes() == 0 ? "-" : number("%.1f", c.served.memoryBytes() / MIB),
                number("+%.1f", c.residentGrowthBytes / MIB),
                c == first
                        ? "1"
                        : number("%.2f", ratio.median()) + " (" + number("%.2f", ratio.least()) + ".."
                                + number("%.2f", ratio.most()) + ")");
    }

    private static JsonObject json(Result result) {
        var devices = new JsonArray();
        for (Candidate c : result.candidates()) {
            devices.add(json(c, result.candidates().get(0)));
        }
        var refused = new JsonArray();
        for (Refused one : result.refused()) {
            var json = new JsonObject();
            json.addProperty("accelerator", one.accelerator());
            json.addProperty("driver", one.driver());
            json.addProperty("reason", one.reason());
            refused.add(json);
        }
        var json = new JsonObject();
        json.addProperty("model", result.model().id().toString());
        json.addProperty("clients", result.clients());
        json.add("devices", devices);
        json.add("notMeasured", refused);
        return json;
    }

    private static JsonObject json(Candidate c, Candidate first) {
        Ratio ratio = Comparison.ratio(c.p50OfRound, first.p50OfRound);
        var json = new JsonObject();
        json.addProperty("accelerator", c.device.id());
        json.addProperty("driver", c.device.driver());
        json.addProperty("kind", c.device.kind().name());
        json.addProperty("format", c.served.manifest().format());
        json.addProperty("loadMillis", c.loadMillis);
        json.addProperty("seconds", c.seconds);
        json.addProperty("calls", c.latency.count());
        json.addProperty("callsPerSecond", c.callsPerSecond());
        json.addProperty("meanMillis", c.latency.meanMillis());
        json.addProperty("p50Millis", c.latency.quantileMillis(0.5));
        json.addProperty("p95Millis", c.latency.quantileMillis(0.95));
        json.addProperty("p99Millis", c.latency.quantileMillis(0.99));
        json.addProperty("allocatedBytesPerCall", c.allocatedBytes / (double) Math.max(1, c.latency.count()));
        json.addProperty("memoryBytes", c.served.memoryBytes());
        json.addProperty("residentGrowthBytes", c.residentGrowthBytes);
        json.addProperty("p50RatioToFirst", ratio.median());
        json.addProperty("p50RatioLeast", ratio.least());
        json.addProperty("p50RatioMost", ratio.most());
        return json;
    }

    private static String number(String format, double value) {
        return String.format(Locale.ROOT, format, value);
    }
}
