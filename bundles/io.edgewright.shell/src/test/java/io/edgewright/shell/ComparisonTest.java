// SPDX-License-Identifier: Apache-2.0
package io.edgewright.shell;

import static org.assertj.core.api.Assertions.assertThat;

import io.edgewright.shell.Comparison.Ratio;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ComparisonTest {

    @Test
    void comparesRoundByRoundAndTakesTheMedian() {
        Map<Integer, Double> first = Map.of(0, 1.0, 1, 2.0, 2, 4.0, 3, 5.0);

        Ratio ratio = Comparison.ratio(Map.of(0, 3.0, 1, 4.0, 2, 8.0), first);

        assertThat(ratio).isEqualTo(new Ratio(2, 2, 3));
        assertThat(Comparison.ratio(Map.of(0, 3.0, 1, 2.0), first).median()).isEqualTo(2);
        assertThat(Comparison.ratio(first, first)).isEqualTo(new Ratio(1, 1, 1));
        assertThat(Comparison.ratio(Map.of(), first).median()).isNaN();
    }

    @Test
    void printsCellsBelowEachOther() {
        var text = new ByteArrayOutputStream();

        Columns.print(
                List.of(List.of("A", "LONG", "B"), List.of("1234", "x", "")),
                new PrintStream(text, true, StandardCharsets.UTF_8));

        assertThat(text.toString(StandardCharsets.UTF_8).lines()).containsExactly("A     LONG  B", "1234  x");
    }
}
