// SPDX-License-Identifier: Apache-2.0
package io.edgewright.api.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import org.junit.jupiter.api.Test;

class TensorSpecTest {

    private static final TensorSpec BATCH = new TensorSpec("x", ElementType.FLOAT32, List.of(-1L, 3L));

    @Test
    void refusesBlankNamesAndNegativeSizes() {
        assertThatIllegalArgumentException().isThrownBy(() -> new TensorSpec(" ", ElementType.INT8, List.of()));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new TensorSpec("x", ElementType.INT8, List.of(1L, -3L)))
                .withMessageContainingAll("'x'", "-3");
    }

    @Test
    void acceptsShapesThatDifferOnlyWhereItIsDynamic() {
        assertThat(BATCH.isDynamic()).isTrue();
        assertThat(BATCH.accepts(List.of(7L, 3L))).isTrue();
        assertThat(BATCH.accepts(List.of(7L, 4L))).isFalse();
        assertThat(BATCH.accepts(List.of(3L))).isFalse();
        assertThat(BATCH.concreteShape(2)).containsExactly(2L, 3L);
    }

    @Test
    void acceptsEveryShapeWhereTheRankIsOpen() {
        var any = new TensorSpec("x", ElementType.FLOAT32, TensorSpec.ANY_SHAPE);

        assertThat(any.isDynamic()).isTrue();
        assertThat(any.accepts(List.of())).isTrue();
        assertThat(any.accepts(List.of(1L, 2L, 3L))).isTrue();
        assertThat(any.concreteShape(1)).isEmpty();
    }

    @Test
    void findsTheOpenDimensionByTheNumberOfElements() {
        assertThat(spec(-1L, 3L).shapeOf(6)).containsExactly(2L, 3L);
        assertThat(spec(2L, 3L).shapeOf(6)).containsExactly(2L, 3L);
        assertThat(spec(-1L, 3L, -1L).shapeOf(6)).containsExactly(1L, 3L, 2L);
        assertThat(spec().shapeOf(1)).isEmpty();
        assertThat(spec(-1L).shapeOf(0)).containsExactly(0L);
        assertThat(spec(-2L).shapeOf(4)).containsExactly(4L);
    }

    @Test
    void saysWhichShapeWasExpected() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> spec(-1L, 3L).shapeOf(7))
                .withMessageContainingAll("7", "[-1, 3]");
        assertThatIllegalArgumentException().isThrownBy(() -> spec(0L, -1L).shapeOf(1));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> spec(-1L, -1L, -1L).shapeOf(8))
                .withMessageContaining("several dimensions");
    }

    private static TensorSpec spec(Long... shape) {
        return new TensorSpec("x", ElementType.FLOAT32, List.of(shape));
    }
}
