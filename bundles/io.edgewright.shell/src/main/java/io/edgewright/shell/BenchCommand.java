// SPDX-License-Identifier: Apache-2.0
package io.edgewright.shell;

import com.google.gson.JsonObject;
import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.inference.Predictor;
import io.edgewright.api.inference.ServedVersion;
import io.edgewright.api.model.ModelManifest;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** {@code bench MODEL}: measures latency, throughput, garbage and memory of a model on this machine. */
@Component(name = "io.edgewright.shell.bench", service = BiFunction.class, property = "edgewright.command=bench")
public final class BenchCommand implements BiFunction<Map<String, List<String>>, PrintStream, Integer> {

    private static final Duration WARM_UP = Duration.ofSeconds(2);

    private final Gateway gateway;

    /**
     * Called by Declarative Services.
     *
     * @param gateway serves the model
     */
    @Activate
    public BenchCommand(@Reference Gateway gateway) {
        this.gateway = gateway;
    }

    @Override
    public Integer apply(Map<String, List<String>> words, PrintStream out) {
        var request = new Request(words);
        int clients = request.number("clients", 1, 1, 1024);
        double seconds = request.real("seconds", 10, 0.1, 86_400);
        Map<String, List<Long>> shapes =
                request.option("shape").map(Shapes::parse).orElse(Map.of());
        DeviceSetup.apply(request, gateway);
        ModelManifest model = gateway.addModel(
                Path.of(request.arguments().get(0)), Optional.empty(), Optional.empty(), ModelFacts.of(request));
        try {
            Optional<String> accelerators = request.option("accelerator");
            if (accelerators.isPresent()) {
                var duration = Duration.ofNanos((long) (seconds * 1e9));
                var comparison = new Comparison(gateway, model, shapes, clients, duration);
                return ComparisonText.report(comparison.run(accelerators.get()), request.flag("json"), out);
            }
            long start = System.nanoTime();
            Predictor predictor = gateway.serve(model, "bench", Map.of("trusted", true, "queue.length", 4096));
            double loadMillis = (System.nanoTime() - start) / 1e6;
            var input = new RandomInput(predictor.signature(), shapes);
            Clients.measure(predictor, input, clients, WARM_UP);
            Clients measured = Clients.measure(predictor, input, clients, Duration.ofNanos((long) (seconds * 1e9)));
            report(request, out, json(model, clients, loadMillis, measured));
            return 0;
        } catch (InferenceException e) {
            throw new IllegalStateException(e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return 130;
        }
    }

    private JsonObject json(ModelManifest model, int clients, double loadMillis, Clients measured) {
        LatencyCounts latency = measured.latency();
        double seconds = measured.seconds();
        var json = new JsonObject();
        json.addProperty("model", model.id().toString());
        json.addProperty(
                "accelerator",
                gateway.deployments()
                        .find("bench")
                        .flatMap(d -> d.primary())
                        .map(ServedVersion::accelerator)
                        .orElse(""));
        json.addProperty("clients", clients);
        json.addProperty("seconds", seconds);
        json.addProperty("loadMillis", loadMillis);
        json.addProperty("calls", latency.count());
        json.addProperty("callsPerSecond", latency.count() / seconds);
        json.addProperty("meanMillis", latency.meanMillis());
        json.addProperty("p50Millis", latency.quantileMillis(0.5));
        json.addProperty("p90Millis", latency.quantileMillis(0.9));
        json.addProperty("p95Millis", latency.quantileMillis(0.95));
        json.addProperty("p99Millis", latency.quantileMillis(0.99));
        json.addProperty("p999Millis", latency.quantileMillis(0.999));
        json.addProperty("maxMillis", latency.mostMillis());
        json.addProperty("allocatedBytesPerCall", measured.allocatedBytes() / (double) Math.max(1, latency.count()));
        residentBytes().ifPresent(bytes -> json.addProperty("residentBytes", bytes));
        return json;
    }

    private static void report(Request request, PrintStream out, JsonObject json) {
        if (request.flag("json")) {
            out.println(json);
            return;
        }
        out.printf(
                Locale.ROOT,
                "%s on %s, %d client%s, %.1f s, loaded in %.0f ms%n",
                json.get("model").getAsString(),
                json.get("accelerator").getAsString(),
                json.get("clients").getAsInt(),
                json.get("clients").getAsInt() == 1 ? "" : "s",
                json.get("seconds").getAsDouble(),
                json.get("loadMillis").getAsDouble());
        out.printf(
                Locale.ROOT,
                "  throughput  %.1f calls/s (%d calls)%n",
                json.get("callsPerSecond").getAsDouble(),
                json.get("calls").getAsLong());
        out.printf(
                Locale.ROOT,
                "  latency ms  mean %.3f  p50 %.3f  p90 %.3f  p99 %.3f  p99.9 %.3f  max %.3f%n",
                json.get("meanMillis").getAsDouble(),
                json.get("p50Millis").getAsDouble(),
                json.get("p90Millis").getAsDouble(),
                json.get("p99Millis").getAsDouble(),
                json.get("p999Millis").getAsDouble(),
                json.get("maxMillis").getAsDouble());
        out.printf(
                Locale.ROOT,
                "  garbage     %.0f bytes/call on the caller's thread%n",
                json.get("allocatedBytesPerCall").getAsDouble());
        if (json.has("residentBytes")) {
            out.printf(
                    Locale.ROOT,
                    "  memory      %.0f MiB resident, the whole process%n",
                    json.get("residentBytes").getAsLong() / (double) (1 << 20));
        }
    }

    /** {@return the memory of this process that lies in RAM; empty where the system does not tell (Linux does)} */
    static Optional<Long> residentBytes() {
        try {
            return Files.readAllLines(Path.of("/proc/self/status")).stream()
                    .filter(l -> l.startsWith("VmRSS:"))
                    .map(l -> Long.parseLong(l.replaceAll("\\D", "")) * 1024)
                    .findFirst();
        } catch (IOException e) {
            return Optional.empty();
        }
    }
}
