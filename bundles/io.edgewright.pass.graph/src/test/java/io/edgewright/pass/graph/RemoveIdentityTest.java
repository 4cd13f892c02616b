// SPDX-License-Identifier: Apache-2.0
package io.edgewright.pass.graph;

import static org.assertj.core.api.Assertions.assertThat;

import io.edgewright.onnx.Attribute;
import io.edgewright.onnx.DataType;
import io.edgewright.onnx.Node;
import io.edgewright.onnx.Weights;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RemoveIdentityTest {

    @TempDir
    Path dir;

    @Test
    void takesOutWhatHandsOnItsInput() throws Exception {
        var test = new Rewriting(dir, 17, 1L, 3L);
        test.node("Identity", List.of("x"), "a");
        test.node("Sum", List.of("a"), "b");
        test.node("Dropout", List.of("b"), "c");
        test.node("Concat", List.of("c"), "d").set("axis", Attribute.of(0));
        test.node("Pad", List.of("d", test.constant("pads", Weights.ofLongs(List.of(4L), 0, 0, 0, 0))), "e");
        test.node("Relu", List.of("e"), "y");

        assertThat(test.apply(new RemoveIdentity(), 5)).containsExactly("Relu");
    }

    @Test
    void keepsADropoutWhoseMaskIsRead() throws Exception {
        var test = new Rewriting(dir, 17, 1L, 3L).alsoOutput("mask");
        test.node("Dropout", List.of("x"), "d", "mask");
        test.node("Relu", List.of("d"), "y");

        assertThat(test.apply(new RemoveIdentity(), 0)).hasSize(2);
    }

    @Test
    void keepsADropoutThatTrains() {
        var test = new Rewriting(dir, 17, 1L, 3L);
        test.constant("ratio", Weights.ofFloats(List.of(), 0.5f));
        test.constant("train", Weights.of(DataType.BOOL, List.of(), ByteBuffer.wrap(new byte[] {1})));
        test.node("Dropout", List.of("x", "ratio", "train"), "d");
        test.node("Relu", List.of("d"), "y");

        assertThat(new RemoveIdentity().apply(test.graph())).isZero();
    }

    @Test
    void leavesAnotherDomainAlone() {
        var test = new Rewriting(dir, 17, 1L, 3L);
        test.graph().add(new Node("com.example", "Identity", List.of("x"), List.of("i")));
        test.node("Relu", List.of("i"), "y");

        assertThat(new RemoveIdentity().apply(test.graph())).isZero();
    }
}
