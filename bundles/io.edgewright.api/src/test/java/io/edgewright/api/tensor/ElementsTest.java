// SPDX-License-Identifier: Apache-2.0
package io.edgewright.api.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ElementsTest {

    @ParameterizedTest
    @CsvSource({
        "FLOAT32, 0.1, 0.1",
        "FLOAT64, 0.1, 0.1",
        "FLOAT16, 0.1, 0.099975586",
        "INT8, -128, -128",
        "UINT8, 255, 255",
        "INT16, -32768, -32768",
        "UINT16, 65535, 65535",
        "INT32, -7, -7",
        "UINT32, 4294967295, 4294967295",
        "INT64, 9007199254740992, 9007199254740992",
        "UINT64, 7, 7",
    })
    void aNumberComesBack(ElementType type, double value, String read) {
        Tensor tensor = Tensor.zeros(type, List.of(3L));
        Elements.put(tensor, 1, value);
        assertThat(Elements.get(tensor, 1)).hasToString(read);
        assertThat(((Number) Elements.get(tensor, 0)).intValue()).isZero();
        assertThat(((Number) Elements.get(tensor, 2)).intValue()).isZero();
    }

    @ParameterizedTest
    @CsvSource({
        "INT8, 128",
        "INT8, -129",
        "UINT8, -1",
        "UINT8, 256",
        "INT16, 32768",
        "UINT16, 65536",
        "INT32, 0.5",
        "UINT32, -1",
        "UINT32, 4294967296",
        "INT64, NaN",
        "INT64, 9223372036854775808",
        "UINT64, -1",
        "INT64, Infinity",
    })
    void aNumberThatDoesNotFitIsRefused(ElementType type, double value) {
        Tensor tensor = Tensor.zeros(type, List.of());
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Elements.put(tensor, 0, value))
                .withMessageContainingAll(String.valueOf(value), "whole number from");
    }

    @Test
    void aLongKeepsAllItsDigits() {
        Tensor tensor = Tensor.zeros(ElementType.INT64, List.of());
        Elements.put(tensor, 0, Long.MAX_VALUE);
        assertThat(Elements.get(tensor, 0)).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void truthAndTextAreNoNumbers() {
        Tensor truth = Tensor.zeros(ElementType.BOOL, List.of());
        Tensor text = Tensor.ofStrings(List.of(), List.of("a"));
        assertThat(Elements.get(truth, 0)).isEqualTo(false);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Elements.put(truth, 0, 1))
                .withMessageContaining("BOOL");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Elements.get(text, 0))
                .withMessageContaining("STRING");
    }
}
