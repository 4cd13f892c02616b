// SPDX-License-Identifier: Apache-2.0
package io.edgewright.shell;

import com.google.gson.JsonObject;
import com.sun.management.ThreadMXBean;
import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.inference.InputWriter;
import io.edgewright.api.inference.Predictor;
import io.edgewright.api.inference.RequestOptions;
import io.edgewright.api.inference.ServedVersion;
import io.edgewright.api.inference.Signature;
import io.edgewright.api.model.ModelManifest;
import io.edgewright.api.tensor.ElementType;
import io.edgewright.api.tensor.InputTensors;
import io.edgewright.api.tensor.Tensor;
import io.edgewright.api.tensor.TensorSpec;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
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

    /** What one client measured. */
    private record Measured(LatencyCounts latency, long allocatedBytes) {}

    @Override
    public Integer apply(Map<String, List<String>> words, PrintStream out) {
        var request = new Request(words);
        int clients = request.number("clients", 1, 1, 1024);
        double seconds = request.real("seconds", 10, 0.1, 86_400);
        ModelManifest model = gateway.addModel(
                Path.of(request.arguments().get(0)), Optional.empty(), Optional.empty(), ModelFacts.of(request));
        try {
            long start = System.nanoTime();
            Predictor predictor = gateway.serve(model, "bench", Map.of("trusted", true, "queue.length", 4096));
            double loadMillis = (System.nanoTime() - start) / 1e6;
            measure(predictor, clients, WARM_UP);
            long from = System.nanoTime();
            Measured measured = measure(predictor, clients, Duration.ofNanos((long) (seconds * 1e9)));
            double took = (System.nanoTime() - from) / 1e9;
            report(request, out, json(model, clients, took, loadMillis, measured));
            return 0;
        } catch (InferenceException e) {
            throw new IllegalStateException(e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return 130;
        }
    }

    private JsonObject json(ModelManifest model, int clients, double seconds, double loadMillis, Measured measured) {
        LatencyCounts latency = measured.latency;
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
        json.addProperty("p99Millis", latency.quantileMillis(0.99));
        json.addProperty("p999Millis", latency.quantileMillis(0.999));
        json.addProperty("maxMillis", latency.mostMillis());
        json.addProperty("allocatedBytesPerCall", measured.allocatedBytes / (double) Math.max(1, latency.count()));
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

    private static Measured measure(Predictor predictor, int clients, Duration time)
            throws InterruptedException, InferenceException {
        InputWriter writer = new RandomInput(predictor.signature());
        var numbers = new AtomicInteger();
        ExecutorService threads = Executors.newFixedThreadPool(
                clients, task -> new Thread(task, "edgewright-bench-" + numbers.incrementAndGet()));
        var start = new CyclicBarrier(clients);
        try {
            List<Callable<Measured>> tasks = new ArrayList<>();
            for (int i = 0; i < clients; i++) {
                tasks.add(() -> client(predictor, writer, start, time));
            }
            var all = new LatencyCounts();
            long bytes = 0;
            for (Future<Measured> future : threads.invokeAll(tasks)) {
                Measured one = future.get();
                all.addAll(one.latency);
                bytes += one.allocatedBytes;
            }
            return new Measured(all, bytes);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof InferenceException failure) {
                throw failure;
            }
            throw new IllegalStateException("a client failed: " + e.getCause(), e);
        } finally {
            threads.shutdownNow();
        }
    }

    private static Measured client(Predictor predictor, InputWriter writer, CyclicBarrier start, Duration time)
            throws InferenceException, InterruptedException, BrokenBarrierException {
        var counts = new LatencyCounts();
        ThreadMXBean thread = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        start.await();
        long bytes = thread.getCurrentThreadAllocatedBytes();
        long now = System.nanoTime();
        long end = now + time.toNanos();
        while (now < end && !Thread.currentThread().isInterrupted()) {
            predictor.predict(writer, outputs -> Boolean.TRUE, RequestOptions.DEFAULT);
            long after = System.nanoTime();
            counts.add(after - now);
            now = after;
        }
        return new Measured(counts, thread.getCurrentThreadAllocatedBytes() - bytes);
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

    /** The same numbers for each call: floats in 0..1, whole numbers 0, which every model can take as an index. */
    private static final class RandomInput implements InputWriter {

        private final List<TensorSpec> specs;
        private final Map<String, Tensor> values;

        RandomInput(Signature signature) {
            this.specs = signature.inputs();
            var random = new Random(1);
            this.values =
                    specs.stream().collect(java.util.stream.Collectors.toMap(TensorSpec::name, s -> value(s, random)));
        }

        private static Tensor value(TensorSpec spec, Random random) {
            List<Long> shape = spec.concreteShape(1);
            if (spec.type() == ElementType.STRING) {
                return Tensor.ofStrings(shape, java.util.Collections.nCopies((int) Tensor.elements(shape), "text"));
            }
            Tensor tensor = Tensor.zeros(spec.type(), shape);
            if (spec.type() == ElementType.FLOAT32) {
                for (int i = 0; i < tensor.elements(); i++) {
                    tensor.floatBuffer().put(i, random.nextFloat());
                }
            }
            return tensor;
        }

        @Override
        public void write(InputTensors inputs) {
            for (int i = 0; i < specs.size(); i++) {
                String name = specs.get(i).name();
                Tensor value = values.get(name);
                if (value != null) {
                    inputs.write(name, value);
                }
            }
        }
    }
}
