// SPDX-License-Identifier: Apache-2.0
package io.edgewright.optimizer;

import static org.assertj.core.api.Assertions.assertThat;

import io.edgewright.api.event.Event;
import io.edgewright.api.optimize.Budget;
import io.edgewright.api.optimize.CalibrationSource;
import io.edgewright.api.optimize.Drift;
import io.edgewright.api.optimize.Gate;
import io.edgewright.api.optimize.Optimization;
import io.edgewright.api.optimize.OptimizationRequest;
import io.edgewright.api.optimize.Pipeline;
import io.edgewright.api.tensor.ElementType;
import io.edgewright.api.tensor.Npy;
import io.edgewright.api.tensor.Tensor;
import io.edgewright.testkit.Configs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;

/** An optimizer with a model, samples and passes for tests. */
final class Desk implements AutoCloseable {

    private static final Duration MOST = Duration.ofSeconds(60);

    final Path home;
    final EdgeOptimizer optimizer;
    private final TextDriver driver = new TextDriver();
    final List<Event> events = new CopyOnWriteArrayList<>();

    Desk(Path home, TextModel model, TextPass... passes) throws IOException {
        this.home = home;
        if (!Files.exists(samples())) {
            Files.createDirectories(samples());
            writeSamples(samples(), 64);
        }
        optimizer = new EdgeOptimizer(
                Configs.of(
                        EdgeOptimizer.Config.class,
                        Map.of("home", home.toString(), "niceness", 0, "timing.millis", 200, "drift.samples", 100)),
                driver::nanos);
        optimizer.sinks(List.of(events::add));
        for (TextPass pass : passes) {
            optimizer.addPass(pass);
        }
        optimizer.addDriver(driver);
        optimizer.addStore(model.store(home));
    }

    Path samples() {
        return home.resolve("samples");
    }

    /** One file with many samples, whose greatest number is at their label. */
    static void writeSamples(Path folder, int count) throws IOException {
        var random = new Random(1);
        Tensor samples = Tensor.zeros(ElementType.FLOAT32, List.of((long) count, 4L));
        Tensor labels = Tensor.zeros(ElementType.INT32, List.of((long) count));
        for (int i = 0; i < count; i++) {
            int label = random.nextInt(4);
            labels.data().putInt(i * 4, label);
            for (int j = 0; j < 4; j++) {
                samples.floatBuffer().put(i * 4 + j, j == label ? 1 : random.nextFloat() * 0.5f);
            }
        }
        Npy.write(folder.resolve("all.npy"), samples);
        Npy.write(folder.resolve("labels.npy"), labels);
    }

    OptimizationRequest request(String pipeline) {
        return new OptimizationRequest(
                TextModel.ID,
                "text",
                Pipeline.parse(pipeline),
                Gate.DEFAULT,
                Budget.DEFAULT,
                new CalibrationSource(
                        CalibrationSource.Kind.FOLDER,
                        samples().toString(),
                        samples().resolve("labels.npy").toString()));
    }

    Optimization run(String pipeline) {
        return await(optimizer.request(request(pipeline)).id(), Optimization::ended);
    }

    Optimization await(String id, Predicate<Optimization> condition) {
        long end = System.nanoTime() + MOST.toNanos();
        while (true) {
            Optimization now = optimizer.find(id).orElseThrow();
            if (condition.test(now)) {
                return now;
            }
            assertThat(System.nanoTime() - end)
                    .as("waited %s; it is %s", MOST, now)
                    .isNegative();
            LockSupport.parkNanos(1_000_000);
        }
    }

    void awaitEvent(String topic) {
        await("event " + topic, () -> events.stream().anyMatch(e -> e.topic().equals(topic)));
    }

    void awaitDrift(Predicate<Drift> condition) {
        await("drift", () -> optimizer.drift().stream().anyMatch(condition));
    }

    private static void await(String what, BooleanSupplier condition) {
        long end = System.nanoTime() + MOST.toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime() - end)
                    .as("waited %s for %s", MOST, what)
                    .isNegative();
            LockSupport.parkNanos(1_000_000);
        }
    }

    @Override
    public void close() {
        optimizer.deactivate();
    }
}
