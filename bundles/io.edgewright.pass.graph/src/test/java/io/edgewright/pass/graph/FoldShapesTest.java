// SPDX-License-Identifier: Apache-2.0
package io.edgewright.pass.graph;

import static org.assertj.core.api.Assertions.assertThat;

import io.edgewright.onnx.Attribute;
import io.edgewright.onnx.DataType;
import io.edgewright.onnx.Dim;
import io.edgewright.onnx.Graph;
import io.edgewright.onnx.Node;
import io.edgewright.onnx.ValueInfo;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FoldShapesTest {

    @TempDir
    Path dir;

    @Test
    void knowsAFixedShape() throws Exception {
        var test = new Rewriting(dir, 17, 2L, 3L, 4L);
        test.node("Shape", List.of("x"), "a").set("start", Attribute.of(-2)).set("end", Attribute.of(9));
        test.node("Size", List.of("x"), "b");
        test.node("Mul", List.of("a", "b"), "y");

        assertThat(test.apply(new FoldShapes(), 2)).containsExactly("Mul");
    }

    @Test
    void leavesTheShapeOfWhatALoopHandsOn() {
        var test = new Rewriting(dir, 17, 3L);
        var body = new Graph("body");
        body.setInputs(List.of(ValueInfo.of("v", DataType.FLOAT32, List.of(Dim.of(3)))));
        body.add(new Node("Shape", List.of("v"), List.of("s")));
        body.add(new Node("Shape", List.of("x"), List.of("t")));
        body.setOutputs(List.of(ValueInfo.untyped("s"), ValueInfo.untyped("t")));
        test.node("Loop", List.of("", "", "x"), "y").set("body", Attribute.of(body));

        assertThat(new FoldShapes().apply(body)).isEqualTo(1);
        assertThat(body.initializer("t")).isPresent();
    }

    @Test
    void leavesAShapeThatTheRunDecides() throws Exception {
        var test = new Rewriting(dir, 17, 3L);
        test.node("NonZero", List.of("x"), "n");
        test.node("Shape", List.of("n"), "y");

        assertThat(test.apply(new FoldShapes(), 0)).hasSize(2);
    }
}
