// SPDX-License-Identifier: Apache-2.0
package io.edgewright.benchmarks;

import io.edgewright.api.config.Settings;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.eclipse.kura.ai.inference.InferenceEngineService;
import org.eclipse.kura.ai.inference.ModelInfo;
import org.eclipse.kura.ai.inference.Tensor;

/**
 * What Kura's boxed lists cost: its inference engine against the predictor below it, in turns, each from an array of floats to
 * an array of floats.
 */
final class KuraBenchmark {

    private static final String ENGINE = "io.edgewright.kura.inference";

    /** How a request reaches the model. */
    private enum Way {
        /** {@code Predictor.predict}: the limit. */
        PREDICT,
        /** The engine, with lists that are there already: what the engine itself costs. */
        FLOATS,
        /** The engine, with a list of floats boxed for each request. */
        BOXED_FLOATS,
        /** The engine, with a list of bytes boxed for each request, as Kura's AI component does with a byte array. */
        BOXED_BYTES
    }

    private KuraBenchmark() {}

    /**
     * Measures and writes {@code kura.json}.
     *
     * @param arguments the build folder, and the number of rounds
     */
    public static void main(String[] arguments) throws Exception {
        Path target = Path.of(arguments[0]);
        int rounds = Integer.parseInt(arguments[1]);
        Platform platform = Platform.start(target, true, false, Map.of());
        try (var jars = Files.newDirectoryStream(target.resolve("kura"), "*.jar")) {
            for (Path jar : jars) {
                platform.context().installBundle(jar.toUri().toString()).start();
            }
        }
        platform.service(Settings.class, "").create(ENGINE, "", Map.of());
        InferenceEngineService engine = platform.service(InferenceEngineService.class, "");
        var report = new Report("kura");
        for (Workload workload : Workload.values()) {
            Contender predictor = new EdgewrightContender(platform, workload, workload.file(target.resolve("models")));
            measure(report, workload, predictor, engine, rounds);
        }
        report.write(target);
        platform.stop();
        System.exit(0);
    }

    private static void measure(
            Report report, Workload workload, Contender predictor, InferenceEngineService engine, int rounds)
            throws Exception {
        float[] request = workload.request();
        float[] answer = new float[workload.outputElements()];
        ModelInfo model = engine.getModelInfo(workload.label()).orElseThrow();
        List<Float> ready = floats(request);
        Map<Way, Contender.Client> clients = new EnumMap<>(Map.of(
                Way.PREDICT, predictor.client(request, answer),
                Way.FLOATS, () -> infer(engine, model, Float.class, ready, answer),
                Way.BOXED_FLOATS, () -> infer(engine, model, Float.class, floats(request), answer),
                Way.BOXED_BYTES, () -> infer(engine, model, Byte.class, bytes(request), answer)));
        Map<Way, List<Slice>> slices = new EnumMap<>(Way.class);
        long millis = workload == Workload.VISION ? 600 : 250;
        for (int round = -3; round < rounds; round++) {
            for (Map.Entry<Way, Contender.Client> entry : clients.entrySet()) {
                Slice slice = Slice.measure(List.of(entry.getValue()), millis);
                if (round >= 0) { // in the first rounds the compiler is at work
                    slices.computeIfAbsent(entry.getKey(), w -> new ArrayList<>())
                            .add(slice);
                }
            }
        }
        List<Slice> limit = slices.getOrDefault(Way.PREDICT, List.of());
        slices.forEach((way, found) -> report.row(
                "model", workload.label(),
                "way", way.toString(),
                "p50 us", Compare.median(found, Slice::p50Micros),
                "p99 us", Compare.median(found, Slice::p99Micros),
                "bytes/call", Compare.median(found, Slice::bytesPerCall),
                "time to predict", Compare.ratio(found, limit, Slice::p50Micros)));
    }

    private static <T> void infer(
            InferenceEngineService engine, ModelInfo model, Class<T> boxed, List<T> values, float[] answer)
            throws Exception {
        Tensor input = new Tensor(boxed, model.getInputs().get(0), values);
        List<Float> output =
                engine.infer(model, List.of(input)).get(0).getData(Float.class).orElseThrow();
        for (int i = 0; i < answer.length; i++) {
            answer[i] = output.get(i);
        }
    }

    private static List<Float> floats(float[] request) {
        List<Float> boxed = new ArrayList<>();
        for (float value : request) {
            boxed.add(value);
        }
        return boxed;
    }

    private static List<Byte> bytes(float[] request) {
        ByteBuffer memory = ByteBuffer.allocate(request.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        memory.asFloatBuffer().put(request);
        List<Byte> boxed = new ArrayList<>();
        for (byte value : memory.array()) {
            boxed.add(value);
        }
        return boxed;
    }
}
