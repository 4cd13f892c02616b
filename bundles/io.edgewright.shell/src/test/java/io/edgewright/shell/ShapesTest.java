// SPDX-License-Identifier: Apache-2.0
package io.edgewright.shell;

import static io.edgewright.shell.Models.floats;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.edgewright.api.inference.Signature;
import io.edgewright.api.tensor.ElementType;
import io.edgewright.api.tensor.Tensor;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ShapesTest {

    private static final Signature OPEN =
            Models.signature(List.of(floats("x:0", -1L, 3L)), List.of(floats("y", 1L)), Map.of());

    @Test
    void readsTheShapesOfSeveralInputs() {
        assertThat(Shapes.parse("serving_x:0=1,3, 224,224;mask=5"))
                .isEqualTo(Map.of("serving_x:0", List.of(1L, 3L, 224L, 224L), "mask", List.of(5L)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "x", "=1,2", "x=", "x=1,,2", "x=1,-1", "x=a"})
    void saysWhatAShapeLooksLike(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Shapes.parse(text))
                .withMessageContaining("images=1,3,224,224");
    }

    @Test
    void makesInputsOfTheWantedShape() {
        Tensor buffer = Tensor.zeros(ElementType.FLOAT32, List.of(7L, 3L));
        var input = new RandomInput(OPEN, Shapes.parse("x:0=7,3"));

        assertThat(input.shapes()).containsEntry("x:0", List.of(7L, 3L));
        input.write(Models.inputs(Map.of("x:0", buffer)));
        assertThat(buffer.floatBuffer().get(20)).isBetween(0f, 1f).isNotZero();
    }

    @Test
    void refusesAShapeThatDoesNotFitAndAnInputThatIsNotThere() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new RandomInput(OPEN, Shapes.parse("x:0=7,4")))
                .withMessageContainingAll("x:0=7,4", "[-1, 3]");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new RandomInput(OPEN, Shapes.parse("images=7,3")))
                .withMessageContainingAll("'images'", "[x:0]");
    }
}
