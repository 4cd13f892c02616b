// SPDX-License-Identifier: Apache-2.0
package io.edgewright.pass.graph;

import static org.assertj.core.api.Assertions.assertThat;

import io.edgewright.onnx.Attribute;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FuseBatchNormalizationTest {

    @TempDir
    Path dir;

    private Rewriting convThenNormalize() {
        var test = new Rewriting(dir, 15, 1L, 3L, 8L, 8L);
        test.node("Conv", List.of("x", test.constant("w", 4L, 3L, 3L, 3L), test.constant("b", 4L)), "c");
        return test;
    }

    private static void normalize(Rewriting test, String input, String output) {
        for (String name : List.of("gamma", "beta", "mean", "variance")) {
            test.constant(name, 4L);
        }
        test.node("BatchNormalization", List.of(input, "gamma", "beta", "mean", "variance"), output)
                .set("epsilon", Attribute.of(1e-3f));
    }

    @Test
    void foldsItIntoTheConvBefore() throws Exception {
        Rewriting test = convThenNormalize();
        normalize(test, "c", "y");

        assertThat(test.apply(new FuseBatchNormalization(), 1)).containsExactly("Conv");
    }

    @Test
    void givesAConvWithoutBiasOne() throws Exception {
        var test = new Rewriting(dir, 15, 1L, 4L, 8L, 8L);
        test.node("Conv", List.of("x", test.constant("w", 4L, 1L, 3L, 3L)), "c").set("group", Attribute.of(4));
        normalize(test, "c", "y");

        assertThat(test.apply(new FuseBatchNormalization(), 1)).containsExactly("Conv");
    }

    @Test
    void leavesAConvThatOthersRead() throws Exception {
        Rewriting test = convThenNormalize();
        normalize(test, "c", "n");
        test.node("Add", List.of("c", "n"), "y");

        assertThat(test.apply(new FuseBatchNormalization(), 0)).hasSize(3);
    }

    @Test
    void keepsSharedWeightsForTheOtherConv() throws Exception {
        Rewriting test = convThenNormalize();
        normalize(test, "c", "n");
        test.node("Conv", List.of("x", "w", "b"), "other");
        test.node("Add", List.of("n", "other"), "y");

        assertThat(test.apply(new FuseBatchNormalization(), 1)).containsExactly("Conv", "Conv", "Add");
        assertThat(test.graph().initializer("w")).isPresent();
    }
}
