// SPDX-License-Identifier: Apache-2.0
package io.edgewright.pass.graph;

import static org.assertj.core.api.Assertions.assertThat;

import io.edgewright.onnx.Attribute;
import io.edgewright.onnx.Weights;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MergeDuplicatesTest {

    @TempDir
    Path dir;

    @Test
    void computesTheSameOnce() throws Exception {
        var test = new Rewriting(dir, 17, 2L, 3L);
        test.node("Relu", List.of("x"), "a");
        test.node("Relu", List.of("x"), "b");
        test.node("Neg", List.of("a"), "c");
        test.node("Neg", List.of("b"), "d");
        test.node("Add", List.of("c", "d"), "y");

        assertThat(test.apply(new MergeDuplicates(), 2)).containsExactly("Relu", "Neg", "Add");
    }

    @Test
    void keepsWhatDiffersInAnAttribute() throws Exception {
        var test = new Rewriting(dir, 17, 2L, 3L);
        test.node("LeakyRelu", List.of("x"), "a").set("alpha", Attribute.of(0.1f));
        test.node("LeakyRelu", List.of("x"), "b").set("alpha", Attribute.of(0.2f));
        test.node("Add", List.of("a", "b"), "y");

        assertThat(test.apply(new MergeDuplicates(), 0)).hasSize(3);
    }

    @Test
    void leavesEachReaderOfAnIntegerItsOwnConversion() throws Exception {
        var test = new Rewriting(dir, 17, 2L, 3L);
        test.constant("s", Weights.ofFloats(List.of(), 0.5f));
        test.node("QuantizeLinear", List.of("x", "s"), "q");
        test.node("DequantizeLinear", List.of("q", "s"), "a");
        test.node("DequantizeLinear", List.of("q", "s"), "b");
        test.node("Add", List.of("a", "b"), "y");

        assertThat(test.apply(new MergeDuplicates(), 0)).hasSize(4);
    }

    @Test
    void keepsRandomNumbersApart() {
        var test = new Rewriting(dir, 17, 2L, 3L);
        test.node("RandomNormalLike", List.of("x"), "a");
        test.node("RandomNormalLike", List.of("x"), "b");
        test.node("Sub", List.of("a", "b"), "y");

        assertThat(new MergeDuplicates().apply(test.graph())).isZero();
    }

    @Test
    void keepsBothWhereBothAreOutputs() throws Exception {
        var test = new Rewriting(dir, 17, 2L, 3L).alsoOutput("z");
        test.node("Relu", List.of("x"), "y");
        test.node("Relu", List.of("x"), "z");

        assertThat(test.apply(new MergeDuplicates(), 0)).hasSize(2);
    }
}
