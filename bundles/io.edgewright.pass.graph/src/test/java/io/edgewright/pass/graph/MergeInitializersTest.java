// SPDX-License-Identifier: Apache-2.0
package io.edgewright.pass.graph;

import static org.assertj.core.api.Assertions.assertThat;

import io.edgewright.onnx.Weights;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MergeInitializersTest {

    @TempDir
    Path dir;

    @Test
    void keepsOneOfSeveralWithTheSameContent() throws Exception {
        var test = new Rewriting(dir, 17, 2L, 3L);
        test.constant("a", Weights.ofFloats(List.of(3L), 1, 2, 3));
        test.constant("b", Weights.ofFloats(List.of(3L), 1, 2, 3));
        test.constant("c", Weights.ofFloats(List.of(1L, 3L), 1, 2, 3));
        test.node("Add", List.of("x", "a"), "s");
        test.node("Mul", List.of("s", "b"), "t");
        test.node("Sub", List.of("t", "c"), "y");

        test.apply(new MergeInitializers(), 1);
        assertThat(test.graph().initializers().keySet()).containsExactly("a", "c");
    }

    @Test
    void keepsAnOutput() throws Exception {
        var test = new Rewriting(dir, 17, 2L).alsoOutput("a");
        test.constant("a", Weights.ofFloats(List.of(2L), 1, 2));
        test.constant("b", Weights.ofFloats(List.of(2L), 1, 2));
        test.node("Add", List.of("x", "b"), "y");

        assertThat(test.apply(new MergeInitializers(), 0)).containsExactly("Add");
    }
}
