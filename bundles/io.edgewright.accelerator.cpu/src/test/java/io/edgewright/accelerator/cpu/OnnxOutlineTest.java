// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import io.edgewright.api.tensor.ElementType;
import io.edgewright.api.tensor.TensorSpec;
import io.edgewright.testkit.OnnxWriter;
import io.edgewright.testkit.TestModels;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OnnxOutlineTest {

    @TempDir
    Path folder;

    @Test
    void tellsAnOpenRankFromAScalar() throws Exception {
        assertThat(read(TestModels.identity(ElementType.INT64, TensorSpec.ANY_SHAPE))
                        .rankless())
                .containsExactlyInAnyOrder("x", "y");
        assertThat(read(TestModels.identity(ElementType.INT64, List.of())).rankless())
                .isEmpty();
    }

    @Test
    void seesWeightsOutsideTheFile() throws Exception {
        var spec = new TensorSpec("c", ElementType.FLOAT32, List.of(1L));
        byte[] external = new OnnxWriter(17)
                .input(new TensorSpec("x", ElementType.FLOAT32, List.of(1L)))
                .output(new TensorSpec("y", ElementType.FLOAT32, List.of(1L)))
                .externalInitializer("c", spec, "weights.bin")
                .node("Add", List.of("x", "c"), List.of("y"), Map.of())
                .toBytes();
        assertThat(read(external).externalData()).isTrue();
        assertThat(read(TestModels.add(1, List.of(1L))).externalData()).isFalse();
    }

    @Test
    void namesWhatIsNoTensor() throws Exception {
        assertThat(read(SpecialModels.optionalSequence()).others())
                .isEqualTo(Map.of("x", "an optional value", "y", "an optional value"));
    }

    @Test
    void tellsFilesApartByTheirContent() throws Exception {
        byte[] one = TestModels.add(1, List.of(1L));
        byte[] two = TestModels.add(2, List.of(1L));
        assertThat(one).hasSameSizeAs(two);
        assertThat(read(one).checksum()).isNotEqualTo(read(two).checksum());
    }

    @Test
    void readsAnyBytesToSomeEnd() throws Exception {
        var random = new Random(7);
        byte[] whole = TestModels.perceptron(1, 1, 4, 3);
        for (int i = 0; i < 20_000; i++) {
            byte[] mutant = Arrays.copyOf(whole, random.nextInt(whole.length + 1));
            for (int k = random.nextInt(6); k > 0 && mutant.length > 0; k--) {
                mutant[random.nextInt(mutant.length)] = (byte) random.nextInt(256);
            }
            assertThat(OnnxOutline.scan(ByteBuffer.wrap(mutant)).sizeBytes()).isEqualTo(mutant.length);
        }
    }

    private OnnxOutline read(byte[] content) throws IOException {
        return OnnxOutline.read(Files.write(folder.resolve("m.onnx"), content));
    }
}
