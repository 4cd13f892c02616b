// SPDX-License-Identifier: Apache-2.0
package io.edgewright.shell;

import com.google.gson.JsonObject;
import io.edgewright.api.inference.DeploymentStatus;
import io.edgewright.api.inference.Deployments;
import io.edgewright.api.inference.Histogram;
import io.edgewright.api.inference.InferenceStatistics;
import io.edgewright.api.inference.ServedVersion;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What the demo counts: the application's totals, and the deployment's over all versions that served. */
final class DemoFigures {

    private final Map<String, InferenceStatistics> versions = new LinkedHashMap<>();
    private JsonObject app = new JsonObject();
    private String version = "";
    private long swaps;

    /** Takes a look. A version that was swapped out keeps what it had at the last look. */
    void look(Deployments deployments, JsonObject retail) {
        app = retail;
        DeploymentStatus status = deployments.find(DemoSetup.NAME).orElse(null);
        if (status == null) {
            return;
        }
        swaps = status.swaps();
        for (ServedVersion served : status.served()) {
            versions.put(served.manifest().id() + " " + served.since(), served.statistics());
        }
        status.primary().ifPresent(p -> version = p.manifest().id().version().toString());
    }

    long frames() {
        return number("frames");
    }

    boolean hasServed(String wanted) {
        return version.equals(wanted);
    }

    /** {@return pictures without an answer, as the application or the runtime counted them, whichever saw more} */
    long failed() {
        long requests = versions.values().stream()
                .mapToLong(InferenceStatistics::failed)
                .sum();
        return Math.max(number("failedFrames"), requests);
    }

    long swaps() {
        return swaps;
    }

    String line() {
        Histogram latency = latency();
        return String.format(
                Locale.ROOT,
                "visits %d  in the shop %d  frames %d (%.1f/s)  failed %d  model %s  swaps %d  p50 %.1f ms  p99 %.1f ms",
                number("visits"),
                number("occupancy"),
                frames(),
                real("framesPerSecond"),
                failed(),
                version,
                swaps,
                latency.quantileMillis(0.5),
                latency.quantileMillis(0.99));
    }

    JsonObject json(double seconds) {
        Histogram latency = latency();
        var json = new JsonObject();
        json.addProperty("seconds", seconds);
        json.addProperty("frames", frames());
        json.addProperty("failed", failed());
        json.addProperty("dropped", number("droppedFrames"));
        json.addProperty("visits", number("visits"));
        json.addProperty("occupancy", number("occupancy"));
        json.addProperty("version", version);
        json.addProperty("swaps", swaps);
        json.addProperty("p50Millis", latency.quantileMillis(0.5));
        json.addProperty("p99Millis", latency.quantileMillis(0.99));
        return json;
    }

    private Histogram latency() {
        Histogram sum = new Histogram(List.of(), List.of(0L), 0);
        for (InferenceStatistics statistics : versions.values()) {
            Histogram one = statistics.latency();
            sum = sum.upperBoundsMillis().isEmpty() ? one : add(sum, one);
        }
        return sum;
    }

    private static Histogram add(Histogram a, Histogram b) {
        if (!a.upperBoundsMillis().equals(b.upperBoundsMillis())) {
            return b;
        }
        List<Long> counts = new ArrayList<>();
        for (int i = 0; i < a.counts().size(); i++) {
            counts.add(a.counts().get(i) + b.counts().get(i));
        }
        return new Histogram(a.upperBoundsMillis(), counts, a.sumMillis() + b.sumMillis());
    }

    private long number(String key) {
        return (long) real(key);
    }

    private double real(String key) {
        return app.has(key) ? app.get(key).getAsDouble() : 0;
    }
}
