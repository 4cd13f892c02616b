// SPDX-License-Identifier: Apache-2.0
package io.edgewright.api.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TensorTest {

    @Test
    void holdsDirectMemoryInNativeOrder() {
        Tensor tensor = Tensor.zeros(ElementType.INT32, List.of(2L, 3L));

        assertThat(tensor.data().isDirect()).isTrue();
        assertThat(tensor.data().order()).isEqualTo(ByteOrder.nativeOrder());
        assertThat(tensor.data().limit()).isEqualTo(24);
        assertThat(tensor.elements()).isEqualTo(6);
        assertThat(tensor).hasToString("INT32 [2, 3]");
    }

    @Test
    void refusesABufferOfAnotherSize() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Tensor(ElementType.FLOAT32, List.of(2L), ByteBuffer.allocate(7)))
                .withMessageContainingAll("8 bytes", "found 7");
    }

    @Test
    void countsElementsOfScalarsAndEmptyShapesAndRefusesAbsurdOnes() {
        assertThat(Tensor.elements(List.of())).isEqualTo(1);
        assertThat(Tensor.elements(List.of(3L, 0L))).isZero();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Tensor.elements(List.of(1L << 40, 1L << 40)))
                .withMessageContaining("too many");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Tensor.elements(List.of(-1L)))
                .withMessageContaining("negative");
    }

    @Test
    void showsFloatsThroughTheSameView() {
        Tensor tensor = Tensor.ofFloats(List.of(2L), 1, 2);

        assertThat(tensor.floatBuffer()).isSameAs(tensor.floatBuffer());
        tensor.floatBuffer().put(1, 5);
        assertThat(tensor.toFloats()).containsExactly(1, 5);
        assertThatIllegalStateException()
                .isThrownBy(() -> Tensor.ofLongs(List.of(1L), 1).toFloats())
                .withMessageContainingAll("INT64", "FLOAT32");
    }

    @Test
    void copiesDeeply() {
        Tensor tensor = Tensor.ofFloats(List.of(2L), 1, 2);
        Tensor copy = tensor.copy();
        assertThat(copy).isEqualTo(tensor).hasSameHashCodeAs(tensor);

        tensor.floatBuffer().put(0, 9);
        assertThat(copy.toFloats()).containsExactly(1, 2);
        assertThat(copy).isNotEqualTo(tensor);
        assertThat(Tensor.ofFloats(List.of(1L, 2L), 1, 2)).isNotEqualTo(copy);
    }

    @Test
    void keepsStringsAndSaysWhereALengthIsWrong() {
        Tensor strings = Tensor.ofStrings(List.of(2L), List.of("Käse", ""));
        assertThat(strings.toStrings()).containsExactly("Käse", "");

        ByteBuffer wrong = ByteBuffer.allocate(6).order(ByteOrder.nativeOrder()).putInt(0, 9);
        assertThatIllegalStateException()
                .isThrownBy(() -> new Tensor(ElementType.STRING, List.of(1L), wrong).toStrings())
                .withMessageContaining("length 9");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Tensor.ofStrings(List.of(3L), List.of("a")))
                .withMessageContainingAll("3 strings", "found 1");
        assertThatIllegalArgumentException().isThrownBy(() -> Tensor.zeros(ElementType.STRING, List.of(1L)));
    }

    @ParameterizedTest
    @EnumSource(ElementType.class)
    void findsATypeByItsProtocolName(ElementType type) {
        assertThat(ElementType.ofProtocolName(type.protocolName())).isEqualTo(type);
        assertThat(type.isFloatingPoint()).isEqualTo(type.protocolName().startsWith("FP"));
    }

    @Test
    void listsTheTypesWhenOneIsUnknown() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ElementType.ofProtocolName("FLOAT"))
                .withMessageContainingAll("FLOAT", "FP32", "BYTES");
    }

    @Test
    void writesAWholeInputAndRefusesOneThatDoesNotFit() {
        Tensor buffer = Tensor.zeros(ElementType.FLOAT32, List.of(2L));
        InputTensors inputs = name -> buffer;

        inputs.write("x", Tensor.ofFloats(List.of(2L), 3, 4));
        assertThat(buffer.toFloats()).containsExactly(3, 4);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> inputs.write("x", Tensor.ofFloats(List.of(3L), 1, 2, 3)))
                .withMessageContainingAll("'x'", "[3]", "[2]");
    }
}
