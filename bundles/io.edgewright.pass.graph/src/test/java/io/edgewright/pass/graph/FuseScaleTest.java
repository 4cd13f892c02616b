// SPDX-License-Identifier: Apache-2.0
package io.edgewright.pass.graph;

import static org.assertj.core.api.Assertions.assertThat;

import io.edgewright.onnx.Weights;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FuseScaleTest {

    @TempDir
    Path dir;

    private Rewriting conv() {
        var test = new Rewriting(dir, 17, 1L, 3L, 8L, 8L);
        test.node("Conv", List.of("x", test.constant("w", 4L, 3L, 3L, 3L)), "c");
        return test;
    }

    @ParameterizedTest
    @CsvSource({"Add, false", "Add, true", "Mul, false", "Mul, true", "Sub, false", "Div, false"})
    void foldsAConstantForEachChannelIntoTheConv(String operator, boolean constantFirst) throws Exception {
        Rewriting test = conv();
        test.constant("k", 4L, 1L, 1L);
        test.node(operator, constantFirst ? List.of("k", "c") : List.of("c", "k"), "y");

        assertThat(test.apply(new FuseScale(), 1)).containsExactly("Conv");
    }

    @Test
    void leavesWhatIsSubtractedFrom() throws Exception {
        Rewriting test = conv();
        test.node("Sub", List.of(test.constant("k", 1L), "c"), "y");

        assertThat(test.apply(new FuseScale(), 0)).containsExactly("Conv", "Sub");
    }

    @Test
    void leavesConstantsThatDifferAcrossThePicture() throws Exception {
        Rewriting test = conv();
        test.node("Mul", List.of("c", test.constant("k", 6L)), "y");

        assertThat(test.apply(new FuseScale(), 0)).containsExactly("Conv", "Mul");
    }

    @Test
    void leavesConstantsThatAddADimension() throws Exception {
        Rewriting test = conv();
        test.node("Mul", List.of("c", test.constant("k", 1L, 1L, 1L, 1L, 1L)), "y");

        assertThat(test.apply(new FuseScale(), 0)).containsExactly("Conv", "Mul");
    }

    @Test
    void leavesDivisionsByZero() throws Exception {
        Rewriting test = conv();
        test.node("Div", List.of("c", test.constant("k", Weights.ofFloats(List.of(), 0))), "y");

        assertThat(test.apply(new FuseScale(), 0)).containsExactly("Conv", "Div");
    }
}
