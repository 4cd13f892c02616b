// SPDX-License-Identifier: Apache-2.0
package io.edgewright.pass.graph;

import static org.assertj.core.api.Assertions.assertThat;

import io.edgewright.onnx.Attribute;
import io.edgewright.onnx.Weights;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FusePadTest {

    @TempDir
    Path dir;

    private Rewriting padded(Weights pads, String mode) {
        var test = new Rewriting(dir, 17, 1L, 3L, 8L, 8L);
        test.node("Pad", List.of("x", test.constant("pads", pads)), "p").set("mode", Attribute.of(mode));
        test.node("Conv", List.of("p", test.constant("w", 4L, 3L, 3L, 3L)), "y")
                .set("pads", Attribute.ofInts(List.of(0L, 1L, 0L, 1L)));
        return test;
    }

    @Test
    void addsTheZerosToThoseOfTheConv() throws Exception {
        Rewriting test = padded(Weights.ofLongs(List.of(8L), 0, 0, 1, 2, 0, 0, 3, 0), "constant");

        assertThat(test.apply(new FusePad(), 1)).containsExactly("Conv");
        assertThat(test.graph().nodes().get(0).intsOr("pads", List.of())).containsExactly(1L, 3L, 3L, 1L);
    }

    @Test
    void leavesOtherModesThanZeros() throws Exception {
        Rewriting test = padded(Weights.ofLongs(List.of(8L), 0, 0, 1, 1, 0, 0, 1, 1), "reflect");

        assertThat(test.apply(new FusePad(), 0)).containsExactly("Pad", "Conv");
    }

    @Test
    void leavesPaddedChannels() throws Exception {
        var test = new Rewriting(dir, 17, 1L, 2L, 8L, 8L);
        test.node(
                "Pad", List.of("x", test.constant("pads", Weights.ofLongs(List.of(8L), 0, 1, 0, 0, 0, 0, 0, 0))), "p");
        test.node("Conv", List.of("p", test.constant("w", 4L, 3L, 3L, 3L)), "y");

        assertThat(test.apply(new FusePad(), 0)).containsExactly("Pad", "Conv");
    }

    @Test
    void leavesCroppingAndAutomaticPadding() throws Exception {
        Rewriting cropped = padded(Weights.ofLongs(List.of(8L), 0, 0, -1, 0, 0, 0, 0, 0), "constant");
        assertThat(cropped.apply(new FusePad(), 0)).hasSize(2);

        Rewriting automatic = padded(Weights.ofLongs(List.of(8L), 0, 0, 1, 1, 0, 0, 1, 1), "constant");
        automatic.graph().nodes().get(1).remove("pads").set("auto_pad", Attribute.of("SAME_UPPER"));
        assertThat(automatic.apply(new FusePad(), 0)).hasSize(2);
    }
}
