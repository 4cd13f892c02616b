// SPDX-License-Identifier: Apache-2.0
package io.edgewright.kura.wires;

import static java.util.stream.Collectors.toMap;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.edgewright.api.accelerator.InferenceException.Reason;
import io.edgewright.api.model.ModelId;
import io.edgewright.api.model.ModelManifest;
import io.edgewright.api.tensor.ElementType;
import io.edgewright.api.tensor.TensorSpec;
import io.edgewright.testkit.Configs;
import io.edgewright.testkit.IdentityPredictor;
import io.edgewright.vision.Jpeg;
import io.edgewright.vision.Picture;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.eclipse.kura.wire.WireEnvelope;
import org.eclipse.kura.wire.WireRecord;
import org.junit.jupiter.api.Test;

/** Records in, results and errors out. The models answer their inputs as their outputs. */
class InferenceWorkTest {

    private final List<WireRecord> results = new ArrayList<>();
    private final List<WireRecord> errors = new ArrayList<>();
    private Optional<IdentityPredictor> predictor = Optional.empty();

    @Test
    void aNumberComesBackUnderTheNameOfTheOutput() throws Exception {
        serve(ElementType.FLOAT32, List.of(1L, 1L));
        run(Map.of(), Records.of(Map.of("x", 20.5, "asset", "pump", "raw", new byte[3])));
        assertThat(values(results)).containsExactly(Map.of("y", 20.5f, "x", 20.5, "asset", "pump"));
        assertThat(errors).isEmpty();
    }

    @Test
    void aMappingMakesAVectorOfPropertiesAndNamesWhatLeaves() throws Exception {
        serve(ElementType.FLOAT64, List.of(1L, 4L));
        Map<String, Object> settings = Map.of(
                "inputs", "# the model's own order\nx = temperature, flow, pressures",
                "outputs", "wear = y",
                "vectors", "numbers",
                "keep", "asset");
        byte[] pressures = ByteBuffer.allocate(16)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putDouble(3)
                .putDouble(4)
                .array();
        run(
                settings,
                Records.of(
                        Map.of("asset", "pump", "temperature", 1, "flow", 2f, "pressures", pressures, "more", true)));
        assertThat(values(results))
                .containsExactly(Map.of("asset", "pump", "wear.0", 1.0, "wear.1", 2.0, "wear.2", 3.0, "wear.3", 4.0));
    }

    @Test
    void aVectorIsAByteArrayBothWays() throws Exception {
        serve(ElementType.FLOAT32, List.of(1L, TensorSpec.DYNAMIC));
        byte[] samples = Records.floats(1, 2, 3);
        run(Map.of(), Records.of(Map.of("x", samples)));
        assertThat(results).singleElement().satisfies(r -> assertThat(Records.value(r, "y"))
                .isEqualTo(samples));
    }

    @Test
    void truthAndTextHaveTheirOwnTypes() throws Exception {
        serve(ElementType.BOOL, List.of());
        run(Map.of(), Records.of(Map.of("x", true)));
        serve(ElementType.STRING, List.of(1L));
        run(Map.of(), Records.of(Map.of("x", "grün")));
        serve(ElementType.FLOAT32, List.of());
        run(Map.of(), Records.of(Map.of("x", true)));
        assertThat(values(results)).extracting(v -> v.get("y")).containsExactly(true, "grün", 1f);
    }

    @Test
    void theRecordsOfAnEnvelopeLeaveTogetherAndInOrder() throws Exception {
        serve(ElementType.INT64, List.of());
        WireRecord[] records = new Random(1)
                .longs(50)
                .mapToObj(x -> Records.of(Map.of("x", x)))
                .toArray(WireRecord[]::new);
        run(Map.of("batch.max", 8), records);
        assertThat(values(results)).hasSize(50).allSatisfy(v -> assertThat(v.get("y"))
                .isEqualTo(v.get("x")));
        assertThat(values(results))
                .isEqualTo(Arrays.stream(records)
                        .map(r -> with(Records.values(r), "y", Records.value(r, "x")))
                        .toList());
    }

    @Test
    void aClassLeavesWithItsName() throws Exception {
        predictor = Optional.of(predictor(ElementType.FLOAT32, List.of(1L, 3L), Map.of("labels", "cat\ndog\nbird")));
        run(Map.of("answer", "class"), Records.of(Map.of("x", Records.floats(0.1f, 0.7f, 0.2f))));
        assertThat(values(results)).containsExactly(Map.of("label", "dog", "index", 1, "score", 0.7f));
    }

    @Test
    void aPictureIsAFileOrPixels() throws Exception {
        serve(ElementType.UINT8, List.of(1L, 3L, 8L, 8L));
        Picture gray = Picture.blank(16, 16);
        byte[] pixels = new byte[16 * 16 * 3];
        Arrays.fill(pixels, (byte) 100);
        gray.bgr().put(0, pixels);
        run(
                Map.of("picture", "image", "keep", ""),
                Records.of(Map.of("image", Jpeg.encode(gray, 90))),
                Records.of(Map.of("image", pixels, "image.width", 16, "image.height", 16)));
        byte[] seen = new byte[3 * 8 * 8];
        Arrays.fill(seen, (byte) 100);
        assertThat(results).hasSize(2).allSatisfy(r -> assertThat((byte[]) Records.value(r, "y"))
                .isEqualTo(seen));
    }

    @Test
    void badRecordsAreAnsweredAndTheOthersGoOn() throws Exception {
        serve(ElementType.FLOAT32, List.of(1L, 2L));
        Map<String, Object> settings = Map.of("max.bytes", 16, "keep", "id");
        run(
                settings,
                Records.of(Map.of("id", 0)),
                Records.of(Map.of("id", 1, "x", "text")),
                Records.of(Map.of("id", 2, "x", new byte[7])),
                Records.of(Map.of("id", 3, "x", Records.floats(1, 2, 3))),
                Records.of(Map.of("id", 4, "x", new byte[17])),
                Records.of(Map.of("id", 5, "x", Records.floats(1, Float.NaN))),
                Records.of(Map.of("id", 6, "x", Records.floats(1, 2))));
        assertThat(values(results)).extracting(v -> v.get("id")).containsExactly(6);
        assertThat(values(errors)).allSatisfy(v -> assertThat(v.get("error")).isEqualTo("INPUT_MISMATCH"));
        Map<Object, String> messages = errors.stream()
                .collect(toMap(e -> Records.value(e, "id"), e -> Records.value(e, "error.message")
                        .toString()));
        assertThat(messages).containsOnlyKeys(0, 1, 2, 3, 4, 5);
        assertThat(messages.get(0)).contains("'x'", "missing");
        assertThat(messages.get(1)).contains("found a String", "number or bytes");
        assertThat(messages.get(2)).contains("7 bytes", "multiple of the 4");
        assertThat(messages.get(3)).contains("3 elements", "[1, 2]");
        assertThat(messages.get(4)).contains("17 bytes", "16 of max.bytes");
        assertThat(messages.get(5)).contains("NaN", "finite");
    }

    @Test
    void nanReachesAModelThatWantsIt() throws Exception {
        serve(ElementType.FLOAT32, List.of());
        run(Map.of("allow.nan", true), Records.of(Map.of("x", Float.NaN)));
        assertThat(values(results)).extracting(v -> v.get("y")).containsExactly(Float.NaN);
    }

    @Test
    void aDeploymentThatDoesNotAnswerIsAnErrorOfEachRecord() throws Exception {
        run(Map.of("deployment", "pump"), Records.of(Map.of("x", 1)), Records.of(Map.of("x", 2)));
        assertThat(values(errors))
                .hasSize(2)
                .allSatisfy(v -> assertThat(v.get("error.message")).asString().contains("'pump'"));
        for (Reason reason : List.of(Reason.NOT_READY, Reason.EXECUTION_FAILED)) {
            errors.clear();
            serve(ElementType.FLOAT32, List.of()).fail(Optional.of(reason));
            run(Map.of(), Records.of(Map.of("x", 1)));
            assertThat(values(errors)).extracting(v -> v.get("error")).containsExactly(reason.name());
        }
        assertThat(results).isEmpty();
    }

    @Test
    void errorsAreDroppedWhereThatIsSet() throws Exception {
        run(Map.of("errors", "dropped"), Records.of(Map.of("x", 1)));
        assertThat(errors).isEmpty();
    }

    @Test
    void envelopesThatDidNotFitIntoTheQueueAreToldOf() throws Exception {
        serve(ElementType.FLOAT32, List.of());
        work(Map.of()).accept(new WireEnvelope("source", List.of(Records.of(Map.of("x", 1)))), 3);
        assertThat(results).hasSize(1);
        assertThat(values(errors)).extracting(v -> v.get("error")).containsExactly("QUEUE_FULL");
        assertThat(Records.value(errors.get(0), "error.message")).asString().contains("3 envelopes");
    }

    @Test
    void settingsThatDoNotFitTheModelAreTold() throws Exception {
        serve(ElementType.FLOAT32, List.of());
        run(Map.of("inputs", "z = a"), Records.of(Map.of("a", 1)));
        run(Map.of("outputs", "a = z"), Records.of(Map.of("x", 1)));
        run(Map.of("answer", "detections"), Records.of(Map.of("x", 1)));
        run(Map.of("picture", "image"), Records.of(Map.of("x", 1)));
        assertThat(values(errors)).hasSize(4).allSatisfy(v -> assertThat(v.get("error"))
                .isEqualTo("INPUT_MISMATCH"));
        assertThat(Records.value(errors.get(0), "error.message")).asString().contains("'z'", "[x]");
        assertThat(Records.value(errors.get(1), "error.message")).asString().contains("'z'", "[y]");
    }

    @Test
    void aSwapToAnotherModelIsFollowed() throws Exception {
        InferenceWork work = work(Map.of());
        serve(ElementType.FLOAT32, List.of());
        work.accept(new WireEnvelope("source", List.of(Records.of(Map.of("x", 7)))), 0);
        serve(ElementType.INT32, List.of(1L));
        work.accept(new WireEnvelope("source", List.of(Records.of(Map.of("x", 7)))), 0);
        assertThat(values(results)).extracting(v -> v.get("y")).containsExactly(7f, 7);
    }

    /** Seeded: whatever a record holds, it is answered by a result or an error. */
    @Test
    void everyRecordHasAnAnswer() throws Exception {
        var random = new Random(20261122);
        for (ElementType type : ElementType.values()) {
            predictor = Optional.of(predictor(type, List.of(TensorSpec.DYNAMIC, 2L), Map.of()));
            WireRecord[] records = new WireRecord[200];
            for (int i = 0; i < records.length; i++) {
                records[i] = Records.of(Map.of("x", anything(random), "b", anything(random)));
            }
            run(Map.of("inputs", "x = x, b"), records);
            assertThat(results.size() + errors.size()).isEqualTo(records.length);
            results.clear();
            errors.clear();
        }
        serve(ElementType.FLOAT32, List.of(1L, 3L, 8L, 8L));
        byte[] jpeg = Jpeg.encode(Picture.blank(9, 9), 80);
        InferenceWork work = work(Map.of("picture", "x"));
        for (int i = 0; i < 500; i++) {
            byte[] broken = jpeg.clone();
            broken[random.nextInt(broken.length)] = (byte) random.nextInt();
            WireRecord record = Records.of(Map.of("x", Arrays.copyOf(broken, random.nextInt(jpeg.length + 1))));
            work.accept(new WireEnvelope("source", List.of(record)), 0);
        }
        assertThat(results.size() + errors.size()).isEqualTo(500);
    }

    @Test
    void refusesSettingsThatItCannotFollow() {
        Map<String, Object> bad = Map.of(
                "inputs",
                "x temperature",
                "outputs",
                "a = b, c",
                "min.score",
                Float.NaN,
                "max.bytes",
                0,
                "answer",
                "poem",
                "vectors",
                "tensor",
                "queue.length",
                0,
                "when.full",
                "panic",
                "batch.max",
                65,
                "timeout.millis",
                -1);
        bad.forEach((setting, value) -> assertThatIllegalArgumentException()
                .isThrownBy(() -> work(Map.of(setting, value)))
                .withMessageContaining(setting)
                .withMessageContaining("expected"));
    }

    private static Object anything(Random random) {
        byte[] bytes = new byte[random.nextInt(33)];
        random.nextBytes(bytes);
        List<Object> values = List.of(
                bytes,
                random.nextInt(),
                random.nextLong(),
                random.nextDouble(),
                Float.intBitsToFloat(random.nextInt()),
                random.nextBoolean(),
                "text" + random.nextInt(),
                random.nextInt(256),
                Double.NaN);
        return values.get(random.nextInt(values.size()));
    }

    private IdentityPredictor serve(ElementType type, List<Long> shape) {
        IdentityPredictor serving = predictor(type, shape, Map.of());
        predictor = Optional.of(serving);
        return serving;
    }

    private static IdentityPredictor predictor(ElementType type, List<Long> shape, Map<String, String> properties) {
        return new IdentityPredictor(
                "shelf",
                new ModelManifest(
                        ModelId.of("model", "1.0.0"),
                        "onnx",
                        "model.onnx",
                        "0".repeat(64),
                        100,
                        List.of(new TensorSpec("x", type, shape)),
                        List.of(new TensorSpec("y", type, shape)),
                        Map.of(),
                        properties));
    }

    private InferenceWork work(Map<String, Object> settings) {
        return new InferenceWork(
                "test",
                InferenceSettings.of(Configs.of(InferenceWire.Config.class, settings)),
                name -> predictor.map(p -> p),
                (port, records) -> (port == InferenceWork.RESULTS ? results : errors).addAll(records));
    }

    private void run(Map<String, Object> settings, WireRecord... records) throws InterruptedException {
        work(settings).accept(new WireEnvelope("source", List.of(records)), 0);
    }

    private static List<Map<String, Object>> values(List<WireRecord> records) {
        return records.stream().map(Records::values).toList();
    }

    private static Map<String, Object> with(Map<String, Object> values, String name, Object value) {
        Map<String, Object> all = new HashMap<>(values);
        all.put(name, value);
        return all;
    }
}
