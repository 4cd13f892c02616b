// SPDX-License-Identifier: Apache-2.0
package io.edgewright.pass.graph;

import static org.assertj.core.api.Assertions.assertThat;

import io.edgewright.onnx.Attribute;
import io.edgewright.onnx.DataType;
import io.edgewright.onnx.Graph;
import io.edgewright.onnx.Node;
import io.edgewright.onnx.ValueInfo;
import io.edgewright.onnx.Weights;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FoldConstantsTest {

    @TempDir
    Path dir;

    @Test
    void computesWhatDependsOnConstantsOnly() throws Exception {
        var test = new Rewriting(dir, 17, 2L);
        test.constant("a", 2L);
        test.node("Exp", List.of("a"), "b");
        test.node("Add", List.of("b", "a"), "c");
        test.node("Mul", List.of("x", "c"), "y");

        assertThat(test.apply(test.foldConstants(1 << 10), 2)).containsExactly("Mul");
    }

    @Test
    void keepsWhatWouldGrow() throws Exception {
        var test = new Rewriting(dir, 17, 1L, 1000L);
        test.node(
                "Expand",
                List.of(test.constant("a", 1L), test.constant("to", Weights.ofLongs(List.of(1L), 1000))),
                "b");
        test.node("Mul", List.of("x", "b"), "y");

        assertThat(test.apply(test.foldConstants(1 << 10), 0)).hasSize(2);
        assertThat(test.apply(test.foldConstants(1 << 12), 1)).hasSize(1);
    }

    @Test
    void keepsWhatTellsTheEngineToComputeInIntegers() throws Exception {
        var test = new Rewriting(dir, 17, 2L);
        test.constant("w", Weights.of(DataType.INT8, List.of(2L), ByteBuffer.wrap(new byte[] {1, 2})));
        test.node("DequantizeLinear", List.of("w", test.constant("scale", Weights.ofFloats(List.of(), 0.5f))), "d");
        test.node("Mul", List.of("x", "d"), "y");

        assertThat(test.apply(test.foldConstants(1 << 10), 0)).hasSize(2);
    }

    @Test
    void foldsTheOthersWhereTheEngineLacksAnOperator() {
        var test = new Rewriting(dir, 17, 2L);
        test.constant("a", 2L);
        test.node("NotAnOperator", List.of("a"), "b");
        test.node("Exp", List.of("a"), "c");
        test.node("Sum", List.of("x", "b", "c"), "y");

        assertThat(test.foldConstants(1 << 10).apply(test.graph())).isEqualTo(1);
        assertThat(test.graph().initializer("c")).isPresent();
    }

    @Test
    void foldsWhatABodyTakesFromAroundIt() {
        var test = new Rewriting(dir, 17, 2L);
        test.constant("a", 2L);
        var body = new Graph("body");
        body.setOutputs(List.of(ValueInfo.untyped("e")));
        body.add(new Node("Exp", List.of("a"), List.of("e")));
        test.node("If", List.of("x"), "y").set("then_branch", Attribute.of(body));

        assertThat(test.foldConstants(1 << 10).apply(body)).isEqualTo(1);
        assertThat(body.initializer("e")).isPresent();
        assertThat(test.graph().nodes()).hasSize(1);
    }

    @Test
    void whatTwoBodiesTakeFromAroundThemIsNotDoubledBeyondTheLimit() {
        var test = new Rewriting(dir, 17, 2L);
        test.constant("a", 1000L);
        var bodies = List.of(body("then"), body("else"));
        test.node("If", List.of("x"), "y")
                .set("then_branch", Attribute.of(bodies.get(0)))
                .set("else_branch", Attribute.of(bodies.get(1)));
        FoldConstants rewrite = test.foldConstants(4000);

        assertThat(rewrite.apply(bodies.get(0))).isEqualTo(1);
        assertThat(rewrite.apply(bodies.get(1))).isZero();
    }

    private static Graph body(String name) {
        var body = new Graph(name);
        body.setOutputs(List.of(ValueInfo.untyped(name + "_answer")));
        body.add(new Node("Exp", List.of("a"), List.of(name + "_answer")));
        return body;
    }
}
