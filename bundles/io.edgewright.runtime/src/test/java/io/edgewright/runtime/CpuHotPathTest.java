// SPDX-License-Identifier: Apache-2.0
package io.edgewright.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.sun.management.ThreadMXBean;
import io.edgewright.accelerator.cpu.CpuDriver;
import io.edgewright.api.accelerator.AcceleratorDriver;
import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.inference.InputWriter;
import io.edgewright.api.inference.OutputReader;
import io.edgewright.api.inference.Predictor;
import io.edgewright.api.inference.RequestOptions;
import io.edgewright.isolation.ProcessIsolation;
import io.edgewright.testkit.TestModels;
import java.lang.management.ManagementFactory;
import java.lang.reflect.Constructor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.util.converter.Converters;

/** The whole way of a request, with real models on the processor. */
class CpuHotPathTest {

    /** What ONNX Runtime's Java binding allocates for a run with pinned buffers is 536 bytes. */
    private static final long MOST_BYTES = 600;

    @TempDir
    Path home;

    @BeforeEach
    void needsTheEngine() {
        assumeThat(CpuHotPathTest.class.getResource("/ai/onnxruntime/OrtEnvironment.class"))
                .as("ONNX Runtime comes into its bundle in Maven's phase 'package', which has not run")
                .isNotNull();
    }

    @Test
    void allocatesNextToNothingOfItsOwn() throws Exception {
        try (var gateway = served(TestModels.perceptron(1, 1, 16, 32, 8, 32, 16))) {
            Predictor predictor = gateway.predictor("d");
            InputWriter writer = inputs -> inputs.input("input").floatBuffer().put(0, 1);
            OutputReader<String> reader =
                    outputs -> outputs.output("output").floatBuffer().get(0) > 1e9 ? "large" : "small";
            var memory = (ThreadMXBean) ManagementFactory.getThreadMXBean();
            for (int i = 0; i < 5_000; i++) {
                predictor.predict(writer, reader, RequestOptions.DEFAULT);
            }
            long thread = Thread.currentThread().getId();
            long before = memory.getThreadAllocatedBytes(thread);
            for (int i = 0; i < 2_000; i++) {
                predictor.predict(writer, reader, RequestOptions.DEFAULT);
            }
            long bytes = (memory.getThreadAllocatedBytes(thread) - before) / 2_000;
            assertThat(bytes).isLessThanOrEqualTo(MOST_BYTES);
        }
    }

    @Test
    void noRequestFailsWhileRealModelsAreSwapped() throws Exception {
        try (var gateway = served(TestModels.signalNet(1, 256))) {
            var stop = new AtomicBoolean();
            var answered = new AtomicLong();
            List<CompletableFuture<Void>> clients = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                clients.add(CompletableFuture.runAsync(
                        () -> {
                            while (!stop.get()) {
                                ask(gateway);
                                answered.incrementAndGet();
                            }
                        },
                        command -> new Thread(command, "client").start()));
            }
            for (int version = 2; version <= 8; version++) {
                gateway.store.put("m", String.valueOf(version), TestModels.signalNet(version, 256));
                gateway.changed();
                gateway.awaitServing("d", String.valueOf(version));
                long so = answered.get();
                Await.until("clients go on", () -> answered.get() > so + 50);
            }
            stop.set(true);
            for (CompletableFuture<Void> client : clients) {
                client.get(30, TimeUnit.SECONDS);
            }
            Await.until("old versions are closed", () -> gateway.store.open() == 1);
        }
    }

    private static void ask(Gateway gateway) {
        try {
            int outputs = gateway.predictor("d")
                    .predict(
                            inputs -> inputs.input("input").floatBuffer().put(0, 1),
                            o -> o.output("output").floatBuffer().limit(),
                            RequestOptions.DEFAULT);
            assertThat(outputs).isEqualTo(5);
        } catch (InferenceException e) {
            throw new AssertionError("a request failed: " + e.reason(), e);
        }
    }

    private Gateway served(byte[] model) throws Exception {
        var gateway = new Gateway(home);
        gateway.store.put("m", "1", model);
        gateway.runtime.addDriver(cpu());
        gateway.deploy("d", "trusted", true);
        gateway.awaitServing("d", "1");
        return gateway;
    }

    /** The driver's configuration type is its own; Declarative Services makes it by the constructor's signature too. */
    private AcceleratorDriver cpu() throws ReflectiveOperationException {
        Constructor<?> constructor = CpuDriver.class.getConstructors()[0];
        Object config = Converters.standardConverter()
                .convert(Map.of("home", home.toString()))
                .to(constructor.getParameterTypes()[1]);
        return (AcceleratorDriver) constructor.newInstance(new ProcessIsolation(home), config);
    }
}
