// SPDX-License-Identifier: Apache-2.0
package io.edgewright.pass.graph;

import static org.assertj.core.api.Assertions.assertThat;

import io.edgewright.onnx.Attribute;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MergeTransposesTest {

    @TempDir
    Path dir;

    private static void transpose(Rewriting test, String from, String to, Long... order) {
        test.node("Transpose", List.of(from), to).set("perm", Attribute.ofInts(List.of(order)));
    }

    @Test
    void mergesTwo() throws Exception {
        var test = new Rewriting(dir, 17, 2L, 3L, 4L);
        transpose(test, "x", "t", 1L, 2L, 0L);
        transpose(test, "t", "y", 0L, 2L, 1L);

        assertThat(test.apply(new MergeTransposes(), 1)).containsExactly("Transpose");
    }

    @Test
    void cancelsTwoAcrossOperatorsOnSingleElements() throws Exception {
        var test = new Rewriting(dir, 17, 1L, 3L, 4L, 5L);
        transpose(test, "x", "t", 0L, 2L, 3L, 1L);
        test.node("Relu", List.of("t"), "r");
        test.node("Tanh", List.of("r"), "s");
        transpose(test, "s", "u", 0L, 3L, 1L, 2L);
        test.node("Neg", List.of("u"), "y");

        assertThat(test.apply(new MergeTransposes(), 1)).contains("Transpose");
        assertThat(test.apply(new MergeTransposes(), 1)).containsExactly("Relu", "Tanh", "Neg");
    }

    @Test
    void leavesOneThatOthersRead() throws Exception {
        var test = new Rewriting(dir, 17, 2L, 3L).alsoOutput("t");
        transpose(test, "x", "t", 1L, 0L);
        transpose(test, "t", "y", 1L, 0L);

        assertThat(test.apply(new MergeTransposes(), 0)).hasSize(2);
    }

    @Test
    void takesOutOneThatChangesNothing() throws Exception {
        var test = new Rewriting(dir, 17, 2L, 3L);
        test.node("Relu", List.of("x"), "r");
        transpose(test, "r", "y", 0L, 1L);

        assertThat(test.apply(new MergeTransposes(), 1)).containsExactly("Relu");
    }
}
