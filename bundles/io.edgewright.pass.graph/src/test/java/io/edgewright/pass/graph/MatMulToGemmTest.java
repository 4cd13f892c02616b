// SPDX-License-Identifier: Apache-2.0
package io.edgewright.pass.graph;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MatMulToGemmTest {

    @TempDir
    Path dir;

    @Test
    void makesOneGemmOfProductAndSum() throws Exception {
        var test = new Rewriting(dir, 17, 2L, 8L);
        test.node("MatMul", List.of("x", test.constant("w", 8L, 4L)), "m");
        test.node("Add", List.of(test.constant("b", 4L), "m"), "y");

        assertThat(test.apply(new MatMulToGemm(), 1)).containsExactly("Gemm");
    }

    @Test
    void leavesProductsOfMoreThanTwoDimensions() throws Exception {
        var test = new Rewriting(dir, 17, 3L, 2L, 8L);
        test.node("MatMul", List.of("x", test.constant("w", 8L, 4L)), "m");
        test.node("Add", List.of("m", test.constant("b", 4L)), "y");

        assertThat(test.apply(new MatMulToGemm(), 0)).containsExactly("MatMul", "Add");
    }

    @Test
    void leavesSumsThatMakeMoreOfTheProduct() throws Exception {
        var test = new Rewriting(dir, 17, 1L, 8L);
        test.node("MatMul", List.of("x", test.constant("w", 8L, 4L)), "m");
        test.node("Add", List.of("m", test.constant("b", 5L, 4L)), "y");

        assertThat(test.apply(new MatMulToGemm(), 0)).containsExactly("MatMul", "Add");
    }
}
