// SPDX-License-Identifier: Apache-2.0
package io.edgewright.runtime;

import io.edgewright.accelerator.cpu.CpuDriver;
import io.edgewright.api.accelerator.AcceleratorDriver;
import io.edgewright.api.accelerator.Deadline;
import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.accelerator.LoadOptions;
import io.edgewright.api.accelerator.ModelSession;
import io.edgewright.api.accelerator.Slot;
import io.edgewright.api.inference.InputWriter;
import io.edgewright.api.inference.OutputReader;
import io.edgewright.api.inference.Predictor;
import io.edgewright.api.inference.RequestOptions;
import io.edgewright.api.model.ModelId;
import io.edgewright.isolation.ProcessIsolation;
import io.edgewright.testkit.TestModels;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.osgi.util.converter.Converters;
import org.slf4j.LoggerFactory;

/** Measures what the runtime adds to a slot of the CPU driver that one thread holds; run by hand, timings are no tests. */
final class HotPathMain {

    private static final int ROUNDS = 15;
    private static final String NONE = "";

    private HotPathMain() {}

    @FunctionalInterface
    private interface Call {
        void run() throws InferenceException;
    }

    @FunctionalInterface
    private interface Maker {
        Call make() throws InferenceException;
    }

    /**
     * @param args a folder to write to
     */
    public static void main(String[] args) throws Exception {
        Path home = Path.of(args[0]);
        var constructor = CpuDriver.class.getConstructors()[0];
        Object config = Converters.standardConverter()
                .convert(Map.of("home", home.toString()))
                .to(constructor.getParameterTypes()[1]);
        var driver = (AcceleratorDriver) constructor.newInstance(new ProcessIsolation(home), config);
        try (var gateway = new Gateway(home)) {
            gateway.runtime.addDriver(driver);
            gateway.store.put("mlp", "1", TestModels.perceptron(1, 1, 16, 32, 8, 32, 16));
            gateway.store.put("signal", "1", TestModels.signalNet(1, 256));
            gateway.store.put("dense", "1", TestModels.perceptron(1, 1, 256, 512, 256, 16));
            for (String model : List.of("mlp", "signal", "dense")) {
                gateway.deploy(model, "model", model, "trusted", true);
                gateway.awaitServing(model, "1");
                measure(gateway, driver, model);
            }
        }
    }

    private static void measure(Gateway gateway, AcceleratorDriver driver, String model) throws Exception {
        var options = new LoadOptions(LoadOptions.Goal.THROUGHPUT, 0, true, Map.of());
        try (var file = gateway.store.open(ModelId.of(model, "1"));
                ModelSession session = driver.load(file, driver.accelerators().get(0), options)) {
            Maker bare = () -> {
                Slot slot = session.openSlot(Map.of());
                return () -> {
                    slot.input("input").floatBuffer().put(0, 1);
                    slot.run(Deadline.NONE);
                    slot.output("output").floatBuffer().get(0);
                };
            };
            Predictor predictor = gateway.predictor(model);
            InputWriter writer = inputs -> inputs.input("input").floatBuffer().put(0, 1);
            OutputReader<String> reader =
                    outputs -> outputs.output("output").floatBuffer().get(0) > 1e30 ? "huge" : NONE;
            Maker ours = () -> () -> predictor.predict(writer, reader, RequestOptions.DEFAULT);
            for (int clients : new int[] {1, 2, 8}) {
                compare(model, clients, bare, ours);
            }
        }
    }

    private static void compare(String model, int clients, Maker bare, Maker ours) throws Exception {
        int calls = model.equals("mlp") ? 40_000 : 8_000;
        List<Double> bareMicros = new ArrayList<>();
        List<Double> ourMicros = new ArrayList<>();
        for (int round = 0; round < ROUNDS; round++) {
            bareMicros.add(block(clients, calls / clients, bare));
            ourMicros.add(block(clients, calls / clients, ours));
        }
        double a = median(bareMicros.subList(4, ROUNDS));
        double b = median(ourMicros.subList(4, ROUNDS));
        LoggerFactory.getLogger(HotPathMain.class)
                .warn("{} with {} clients: bare {} us, runtime {} us a call, ratio {}", model, clients, a, b, b / a);
    }

    private static double block(int clients, int calls, Maker maker) throws Exception {
        var ready = new CountDownLatch(clients);
        var go = new CountDownLatch(1);
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < clients; i++) {
            var thread = new Thread(() -> {
                try {
                    Call call = maker.make();
                    call.run();
                    ready.countDown();
                    go.await();
                    for (int n = 0; n < calls; n++) {
                        call.run();
                    }
                } catch (InferenceException | InterruptedException e) {
                    throw new AssertionError(e);
                }
            });
            thread.start();
            threads.add(thread);
        }
        ready.await();
        long start = System.nanoTime();
        go.countDown();
        for (Thread thread : threads) {
            thread.join();
        }
        return (System.nanoTime() - start) / 1e3 / (clients * (double) calls);
    }

    private static double median(List<Double> values) {
        return values.stream().sorted().toList().get(values.size() / 2);
    }
}
