// SPDX-License-Identifier: Apache-2.0
package io.edgewright.vision;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.edgewright.api.inference.Signature;
import io.edgewright.api.model.ModelId;
import io.edgewright.api.model.ModelManifest;
import io.edgewright.api.tensor.ElementType;
import io.edgewright.api.tensor.Tensor;
import io.edgewright.api.tensor.TensorSpec;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ClassifierTest {

    private static final List<Long> SHAPE = List.of(1L, 3L);

    @Test
    void readsEightBitProbabilities() {
        var unsigned = new Classifier(signature(ElementType.UINT8, Map.of("quantization.y", "0.00390625/0")));
        assertThat(unsigned.top(name -> bytes(ElementType.UINT8, 192, 63, 0), 2))
                .containsExactly(new Classification(0, "a", 0.75f), new Classification(1, "b", 63 / 256f));
        var signed = new Classifier(signature(ElementType.INT8, Map.of("quantization.y", "0.00390625/-128")));
        assertThat(signed.top(name -> bytes(ElementType.INT8, -128, 0, 0), 1))
                .containsExactly(new Classification(1, "b", 0.5f));
    }

    @Test
    void refusesIntegersWithoutTheirUnits() {
        assertThat(Classifier.recognises(signature(ElementType.UINT8, Map.of())))
                .isFalse();
        assertThat(Classifier.recognises(signature(ElementType.INT8, Map.of("quantization.y", "much"))))
                .isFalse();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Classifier(signature(ElementType.UINT8, Map.of())))
                .withMessageContaining("quantization.NAME");
    }

    private static Tensor bytes(ElementType type, int... values) {
        Tensor tensor = Tensor.zeros(type, SHAPE);
        for (int i = 0; i < values.length; i++) {
            tensor.data().put(i, (byte) values[i]);
        }
        return tensor;
    }

    private static Signature signature(ElementType type, Map<String, String> properties) {
        var all = new java.util.HashMap<>(properties);
        all.put("labels", "a\nb\nc");
        List<TensorSpec> outputs = List.of(new TensorSpec("y", type, SHAPE));
        var manifest = new ModelManifest(
                ModelId.of("m", "1.0.0"), "tflite", "m.tflite", "0".repeat(64), 1, List.of(), outputs, Map.of(), all);
        return new Signature(manifest, List.of(), outputs);
    }
}
