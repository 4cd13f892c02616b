// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.cpu;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtSession;
import com.sun.management.ThreadMXBean;
import io.edgewright.api.accelerator.Deadline;
import io.edgewright.api.accelerator.ModelSession;
import io.edgewright.api.accelerator.Slot;
import io.edgewright.onnxruntime.OrtRuntime;
import io.edgewright.testkit.TestModels;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;

/**
 * Measures what a slot adds to ONNX Runtime's own pinned call, here and in a process of its own; run by hand, as timings are
 * no tests.
 */
final class OverheadMain {

    private static final int ROUNDS = 60;

    private OverheadMain() {}

    /**
     * @param args a folder to write to
     */
    public static void main(String[] args) throws Exception {
        Path folder = Path.of(args[0]);
        measure(
                folder,
                "mlp",
                TestModels.perceptron(1, 1, 16, 32, 8, 32, 16),
                new long[] {1, 16},
                new long[] {1, 16},
                2000);
        measure(folder, "signal", TestModels.signalNet(1, 256), new long[] {1, 1, 256}, new long[] {1, 5}, 500);
        measure(
                folder,
                "dense",
                TestModels.perceptron(1, 1, 1024, 2048, 2048, 1024, 16),
                new long[] {1, 1024},
                new long[] {1, 16},
                20);
        Runtime.getRuntime().halt(0);
    }

    private static void measure(Path folder, String name, byte[] model, long[] in, long[] out, int block)
            throws Exception {
        Path file = Files.write(folder.resolve(name + ".onnx"), model);
        OrtEnvironment environment = OrtRuntime.environment();
        var options = new OrtSession.SessionOptions();
        options.setIntraOpNumThreads(1);
        options.setCPUArenaAllocator(false);
        try (OrtSession bare = environment.createSession(file.toString(), options);
                OnnxTensor x = OnnxTensor.createTensor(environment, direct(in), in);
                OnnxTensor y = OnnxTensor.createTensor(environment, direct(out), out);
                ModelSession session = Drivers.load(Drivers.cpu(folder, Map.of()), file);
                Slot slot = session.openSlot(Map.of());
                ModelSession apart = Drivers.load(Drivers.cpu(folder, Map.of("isolate", true)), file);
                Slot apartSlot = apart.openSlot(Map.of())) {
            Map<String, OnnxTensor> feeds = Map.of("input", x);
            Map<String, OnnxTensor> pins = Map.of("output", y);
            Callable<Void> direct = () -> {
                bare.run(feeds, pins).close();
                return null;
            };
            Callable<Void> ours = () -> {
                slot.run(Deadline.NONE);
                return null;
            };
            Callable<Void> theirs = () -> {
                apartSlot.run(Deadline.NONE);
                return null;
            };
            compare(name, direct, ours, theirs, block);
        }
        options.close();
    }

    private static void compare(
            String name, Callable<Void> direct, Callable<Void> ours, Callable<Void> apart, int block) throws Exception {
        var memory = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        List<Double> directMicros = new ArrayList<>();
        List<Double> ourMicros = new ArrayList<>();
        List<Double> apartMicros = new ArrayList<>();
        long apartBytes = 0;
        long ourBytes = 0;
        long directBytes = 0;
        for (int round = 0; round < ROUNDS; round++) {
            long before = memory.getCurrentThreadAllocatedBytes();
            directMicros.add(time(direct, block));
            long between = memory.getCurrentThreadAllocatedBytes();
            ourMicros.add(time(ours, block));
            long after = memory.getCurrentThreadAllocatedBytes();
            apartMicros.add(time(apart, block));
            directBytes = (between - before) / block;
            ourBytes = (after - between) / block;
            apartBytes = (memory.getCurrentThreadAllocatedBytes() - after) / block;
        }
        System.out.printf(
                "%s: ONNX Runtime pinned %.2f us and %d bytes a call, slot %.2f us and %d bytes, isolated %.2f us and %d%n",
                name, median(directMicros), directBytes, median(ourMicros), ourBytes, median(apartMicros), apartBytes);
    }

    private static double time(Callable<Void> call, int block) throws Exception {
        long start = System.nanoTime();
        for (int i = 0; i < block; i++) {
            call.call();
        }
        return (System.nanoTime() - start) / 1e3 / block;
    }

    private static double median(List<Double> values) {
        List<Double> settled = new ArrayList<>(values.subList(ROUNDS / 3, ROUNDS));
        Collections.sort(settled);
        return settled.get(settled.size() / 2);
    }

    private static FloatBuffer direct(long[] shape) {
        int count = 1;
        for (long dim : shape) {
            count *= (int) dim;
        }
        return ByteBuffer.allocateDirect(4 * count)
                .order(ByteOrder.nativeOrder())
                .asFloatBuffer();
    }
}
