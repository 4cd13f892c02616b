// SPDX-License-Identifier: Apache-2.0
package io.edgewright.pass.quantize;

import static org.assertj.core.api.Assertions.assertThat;

import io.edgewright.onnx.Node;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PartTest {

    private static final int MOST = 64;

    @Test
    void productsAreTriedOneByOneWhereTheyAreFew() throws Exception {
        List<Node> products = products(MOST);
        assertThat(Part.allOf(products, MOST, p -> new Part(p, 1, 1)))
                .extracting(Part::products)
                .containsExactlyElementsOf(products.stream().map(List::of).toList());
    }

    @ParameterizedTest
    @ValueSource(ints = {65, 100, 500, 5000})
    void theWorstOfManyIsFoundWithinTheLimit(int count) throws Exception {
        List<Node> products = products(count);
        Node worst = products.get(count * 2 / 3);
        List<Part> trials = new ArrayList<>();

        List<Part> parts = Part.allOf(products, MOST, tried -> {
            trials.add(new Part(tried, tried.contains(worst) ? 100 : tried.size() * 0.01, 1));
            return trials.get(trials.size() - 1);
        });

        assertThat(trials.size()).isLessThanOrEqualTo(MOST);
        assertThat(parts.stream().flatMap(p -> p.products().stream())).containsExactlyInAnyOrderElementsOf(products);
        assertThat(parts).filteredOn(p -> p.products().equals(List.of(worst))).hasSize(1);
    }

    @Test
    void whatSavesNothingCostsMost() {
        Part dear = new Part(products(2), 100, 1);
        Part free = new Part(products(1), 0.001, -3);
        assertThat(free.errorForItsPrice()).isGreaterThan(dear.errorForItsPrice());
        assertThat(dear.errorOfEach()).isEqualTo(50);
    }

    private static List<Node> products(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> new Node("MatMul", List.of("x", "w"), List.of("y" + i)))
                .toList();
    }
}
