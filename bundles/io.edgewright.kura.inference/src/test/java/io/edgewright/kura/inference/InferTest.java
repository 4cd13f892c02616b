// SPDX-License-Identifier: Apache-2.0
package io.edgewright.kura.inference;

import static io.edgewright.kura.inference.ModelNamesTest.assertError;
import static org.assertj.core.api.Assertions.assertThat;

import io.edgewright.api.accelerator.InferenceException.Reason;
import io.edgewright.api.tensor.ElementType;
import io.edgewright.api.tensor.TensorSpec;
import io.edgewright.testkit.IdentityPredictor;
import io.edgewright.testkit.TestTensors;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.eclipse.kura.KuraErrorCode;
import org.eclipse.kura.KuraException;
import org.eclipse.kura.ai.inference.ModelInfo;
import org.eclipse.kura.ai.inference.Tensor;
import org.eclipse.kura.ai.inference.TensorDescriptor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Boxed values in, boxed values out. The models answer their input. */
class InferTest {

    private static final List<Long> SIX = List.of(2L, 3L);

    private final MemoryGateway gateway = new MemoryGateway(Map.of());
    private final KuraInference engine = gateway.engine;

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "STRING")
    void everyTypeComesBackFromBoxedValues(ElementType type) throws Exception {
        ModelInfo model = identity(type, SIX);
        ElementView<?> view = ElementView.of(TestTensors.pattern(type, SIX, 7));

        Tensor answer = infer(model, tensor(model, view.boxed(), new LinkedList<>(view)));

        assertThat(answer.getType()).isEqualTo(view.boxed());
        assertThat(values(answer)).isEqualTo(view);
        assertThat(answer.getDescriptor().getShape()).isEqualTo(SIX);
        assertThat(answer.getDescriptor().getType()).isEqualTo(type.protocolName());
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "STRING")
    void everyTypeTakesItsBytes(ElementType type) throws Exception {
        ModelInfo model = identity(type, SIX);
        ElementView<?> view = ElementView.of(TestTensors.pattern(type, SIX, 7));
        Tensor answer = infer(model, tensor(model, Byte.class, new ArrayList<>(view.asBytes())));
        assertThat(values(answer)).isEqualTo(view);
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "STRING")
    void theAnswerOfOneModelIsTheInputOfTheNext(ElementType type) throws Exception {
        ModelInfo model = identity(type, SIX);
        ElementView<?> view = ElementView.of(TestTensors.pattern(type, SIX, 7));
        Tensor first = infer(model, tensor(model, view.boxed(), view));
        assertThat(values(infer(model, asInput(model, first)))).isEqualTo(view);
    }

    @Test
    void vectorsLeaveAsBytesWhereThatIsSet() throws Exception {
        MemoryGateway bytes = new MemoryGateway(Map.of("vectors.as.bytes", true));
        ModelInfo vector = identity(bytes, ElementType.FLOAT32, SIX);
        ModelInfo scalar = identity(bytes, ElementType.FLOAT64, List.of());
        List<Float> six = List.of(1f, 2f, 3f, 4f, 5f, 6f);
        ByteBuffer memory = ByteBuffer.allocate(24).order(ByteOrder.LITTLE_ENDIAN);
        six.forEach(memory::putFloat);

        List<Tensor> answer = bytes.engine.infer(vector, List.of(tensor(vector, Float.class, six)));
        List<Tensor> next = bytes.engine.infer(vector, List.of(asInput(vector, answer.get(0))));
        List<Tensor> number = bytes.engine.infer(scalar, List.of(tensor(scalar, Double.class, List.of(0.5))));

        assertThat(answer.get(0).getType()).isEqualTo(Byte.class);
        assertThat(values(answer.get(0))).isEqualTo(bytes(memory.array()));
        assertThat(values(next.get(0))).isEqualTo(values(answer.get(0)));
        assertThat(values(number.get(0))).isEqualTo(List.of(0.5));
    }

    @Test
    void textLeavesAsBytes() throws Exception {
        ModelInfo one = identity(ElementType.STRING, List.of(1L));
        assertThat(values(infer(one, tensor(one, String.class, List.of("grün")))))
                .isEqualTo(bytes("grün".getBytes(StandardCharsets.UTF_8)));
        assertThat(values(infer(one, tensor(one, Byte.class, bytes(1, 2, 3))))).isEqualTo(bytes(1, 2, 3));
        ModelInfo two = identity(ElementType.STRING, List.of(2L));
        assertThat(values(infer(two, tensor(two, String.class, List.of("a", "")))))
                .isEqualTo(bytes(1, 0, 0, 0, 'a', 0, 0, 0, 0));
    }

    @ParameterizedTest
    @CsvSource({
        "FLOAT32, 1.5, Double, 1.5",
        "FLOAT32, 3, Integer, 3.0",
        "FLOAT64, 3, Long, 3.0",
        "FLOAT16, 0.1, Double, 0.099975586",
        "INT64, 7, Integer, 7",
        "INT32, 7.0, Double, 7",
        "UINT8, 200, Integer, -56",
        "UINT8, -56, Byte, -56",
        "UINT16, 65535, Integer, -1",
        "UINT16, -1, Short, -1",
        "UINT32, 4294967295, Long, -1",
        "UINT32, -1, Integer, -1",
        "UINT64, -1, Long, -1",
        "FLOAT16, 15360, Short, 1.0",
        "BOOL, true, Boolean, true",
    })
    void aScalarOfAnotherTypeIsTakenByItsValue(ElementType type, String value, String boxed, String answer)
            throws Exception {
        ModelInfo model = identity(type, List.of(1L, 1L));
        assertThat(values(infer(model, scalar(model, value, boxed)))).hasToString("[" + answer + "]");
    }

    @ParameterizedTest
    @CsvSource({
        "INT32, 1.5, Double, a whole number",
        "INT8, 200, Integer, -128 to 127",
        "UINT8, -1, Integer, 0 to 255",
        "UINT16, 65536, Integer, 0 to 65535",
        "UINT32, -1, Long, 0 to 4294967295",
        "INT64, 1e30, Double, a whole number",
        "INT64, NaN, Double, a whole number",
        "FLOAT32, true, Boolean, numbers",
        "FLOAT32, one, String, numbers",
        "BOOL, 1, Integer, true or false",
        "STRING, 1, Integer, texts",
    })
    void aScalarThatDoesNotFitIsRefused(ElementType type, String value, String boxed, String expected)
            throws Exception {
        ModelInfo model = identity(type, List.of(1L));
        assertMismatch(expected, model, scalar(model, value, boxed));
    }

    @Test
    void anOpenDimensionIsFoundByTheNumberOfValues() throws Exception {
        ModelInfo model = identity(ElementType.FLOAT32, List.of(TensorSpec.DYNAMIC, 3L));
        List<Float> values = List.of(1f, 2f, 3f, 4f, 5f, 6f);
        Tensor answer = infer(model, tensor(model, Float.class, values));
        assertThat(answer.getDescriptor().getShape()).isEqualTo(SIX);
        assertMismatch("4 elements", model, tensor(model, Float.class, values.subList(0, 4)));
    }

    @Test
    void severalOpenDimensionsTakeADescriptorThatClosesThem() throws Exception {
        ModelInfo model = identity(ElementType.INT64, List.of(-1L, -1L, -1L));
        List<Long> values = List.of(1L, 2L, 3L, 4L, 5L, 6L);
        assertMismatch("several dimensions", model, tensor(model, Long.class, values));
        Tensor closed = new Tensor(Long.class, descriptor("in", List.of(1L, 2L, 3L)), values);
        assertThat(infer(model, closed).getDescriptor().getShape()).isEqualTo(List.of(1L, 2L, 3L));
    }

    @Test
    void anOpenRankTakesAVector() throws Exception {
        ModelInfo model = identity(ElementType.INT64, TensorSpec.ANY_SHAPE);
        Tensor answer = infer(model, tensor(model, Long.class, List.of(1L, 2L)));
        assertThat(answer.getDescriptor().getShape()).isEqualTo(List.of(2L));
    }

    @Test
    void inputsThatDoNotFitAreNamed() throws Exception {
        ModelInfo model = identity(ElementType.FLOAT32, SIX);
        List<Float> six = List.of(1f, 2f, 3f, 4f, 5f, 6f);
        Tensor good = tensor(model, Float.class, six);
        assertMismatch("5 elements", model, tensor(model, Float.class, six.subList(0, 5)));
        assertMismatch("7 bytes", model, tensor(model, Byte.class, bytes(1, 2, 3, 4, 5, 6, 7)));
        assertMismatch("null", model, tensor(model, Float.class, Arrays.asList(1f, 2f, 3f, 4f, 5f, null)));
        assertMismatch("each of [in] once", model);
        assertMismatch("each of [in] once", model, good, good);
        assertMismatch("[other]", model, new Tensor(Float.class, descriptor("other", SIX), six));
        assertMismatch("[3, 2]", model, new Tensor(Float.class, descriptor("in", List.of(3L, 2L)), six));
        ModelInfo open = identity(ElementType.FLOAT32, List.of(TensorSpec.DYNAMIC, TensorSpec.DYNAMIC));
        List<Long> absurd = List.of(Long.MAX_VALUE, Long.MAX_VALUE);
        assertMismatch("too many", open, new Tensor(Float.class, descriptor("in", absurd), six));
    }

    @Test
    void errorsOfTheGatewayKeepTheirReason() throws Exception {
        ModelInfo model = identity(ElementType.FLOAT32, List.of());
        Tensor input = tensor(model, Float.class, List.of(1f));
        Map<Reason, KuraErrorCode> codes = Map.of(
                Reason.DEADLINE_EXCEEDED, KuraErrorCode.TIMED_OUT,
                Reason.QUEUE_FULL, KuraErrorCode.SERVICE_UNAVAILABLE,
                Reason.EXECUTION_FAILED, KuraErrorCode.INTERNAL_ERROR);
        codes.forEach((reason, code) -> {
            gateway.predictor(model.getName()).fail(Optional.of(reason));
            assertError(code, reason.name(), () -> engine.infer(model, List.of(input)));
        });
    }

    @Test
    void aDeploymentThatIsConfiguredIsNotReadyWhileTheGatewayStartsAgain() throws Exception {
        ModelInfo model = identity(ElementType.FLOAT32, List.of());
        Tensor input = tensor(model, Float.class, List.of(1f));
        engine.predictors = List.of();
        assertError(KuraErrorCode.SERVICE_UNAVAILABLE, "not started yet", () -> engine.infer(model, List.of(input)));
        engine.settings = null;
        assertError(KuraErrorCode.SERVICE_UNAVAILABLE, "not started yet", () -> engine.infer(model, List.of(input)));
        engine.settings = gateway;
        gateway.list("").forEach(entry -> gateway.delete(entry.pid()));
        assertError(KuraErrorCode.NOT_FOUND, model.getName(), () -> engine.infer(model, List.of(input)));
    }

    @Test
    void aRequestThatIsRepeatedOnAnotherDeviceIsWrittenAgain() throws Exception {
        ModelInfo model = identity(ElementType.FLOAT32, List.of(2L));
        IdentityPredictor predictor = gateway.predictor(model.getName());
        predictor.runs(2);
        Tensor answer = infer(model, tensor(model, Float.class, new LinkedList<>(List.of(1f, 2f))));
        assertThat(values(answer)).isEqualTo(List.of(1f, 2f));
        assertThat(predictor.lastOptions().timeout()).isEqualTo(Duration.ofSeconds(10));
    }

    private ModelInfo identity(ElementType type, List<Long> shape) throws Exception {
        return identity(gateway, type, shape);
    }

    private static ModelInfo identity(MemoryGateway gateway, ElementType type, List<Long> shape) throws Exception {
        String name = type + "-" + gateway.predictors.size();
        gateway.store(name, List.of(new TensorSpec("in", type, shape)), List.of(new TensorSpec("out", type, shape)));
        gateway.deploy(name);
        return gateway.engine.getModelInfo(name).orElseThrow();
    }

    private Tensor infer(ModelInfo model, Tensor input) throws KuraException {
        List<Tensor> answer = engine.infer(model, List.of(input));
        assertThat(answer).extracting(t -> t.getDescriptor().getName()).containsExactly("out");
        return answer.get(0);
    }

    private void assertMismatch(String part, ModelInfo model, Tensor... inputs) {
        assertError(KuraErrorCode.INVALID_PARAMETER, part, () -> engine.infer(model, List.of(inputs)));
    }

    private static TensorDescriptor descriptor(String name, List<Long> shape) {
        return TensorDescriptor.builder(name, "any", shape).build();
    }

    @SuppressWarnings("unchecked") // a test says what its values are
    private static <T> Tensor tensor(ModelInfo model, Class<T> boxed, List<?> values) {
        return new Tensor(boxed, model.getInputs().get(0), (List<T>) values);
    }

    private static Tensor scalar(ModelInfo model, String value, String boxed) {
        Object scalar =
                switch (boxed) {
                    case "Double" -> Double.valueOf(value);
                    case "Integer" -> Integer.valueOf(value);
                    case "Long" -> Long.valueOf(value);
                    case "Short" -> Short.valueOf(value);
                    case "Byte" -> Byte.valueOf(value);
                    case "Boolean" -> Boolean.valueOf(value);
                    default -> value;
                };
        return tensor(model, scalar.getClass(), List.of(scalar));
    }

    /** The answer of one model as the input of another, as the AI component passes it on. */
    private static Tensor asInput(ModelInfo model, Tensor answer) {
        return tensor(model, answer.getType(), values(answer));
    }

    private static List<?> values(Tensor tensor) {
        return tensor.getData(tensor.getType()).orElseThrow();
    }

    private static List<Byte> bytes(int... values) {
        List<Byte> bytes = new ArrayList<>();
        for (int value : values) {
            bytes.add((byte) value);
        }
        return bytes;
    }

    private static List<Byte> bytes(byte[] values) {
        List<Byte> bytes = new ArrayList<>();
        for (byte value : values) {
            bytes.add(value);
        }
        return bytes;
    }
}
