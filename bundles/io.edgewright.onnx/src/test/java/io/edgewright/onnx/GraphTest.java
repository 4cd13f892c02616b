// SPDX-License-Identifier: Apache-2.0
package io.edgewright.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

class GraphTest {

    private static final List<Dim> SHAPE = List.of(Dim.symbolic("N"), Dim.of(3));

    private final Graph graph = new Graph("test");

    GraphTest() {
        graph.setInputs(List.of(ValueInfo.of("x", DataType.FLOAT32, SHAPE)));
        graph.setOutputs(List.of(ValueInfo.of("y", DataType.FLOAT32, SHAPE)));
    }

    private Node node(String operator, List<String> inputs, String output) {
        return graph.add(new Node(operator, inputs, List.of(output)));
    }

    private static OnnxModel model(Graph graph) {
        return OnnxModel.of(8, 17, graph);
    }

    @Test
    void knowsWhoMakesAndWhoReadsAValueAfterEveryChange() {
        Node relu = node("Relu", List.of("x"), "a");
        Node add = node("Add", List.of("a", "a"), "y");

        assertThat(graph.producer("a")).contains(relu);
        assertThat(graph.consumers("a")).containsExactly(add);
        assertThat(graph.onlyConsumer("a")).contains(add);
        assertThat(graph.onlyConsumer("y")).isEmpty();

        add.setInput(1, "x");
        assertThat(graph.consumers("x")).containsExactlyInAnyOrder(relu, add);

        graph.replaceUses("a", "x");
        assertThat(graph.consumers("a")).isEmpty();
        assertThat(graph.removeUnused()).isEqualTo(1);
        assertThat(graph.producer("a")).isEmpty();
        assertThat(graph.nodes()).containsExactly(add);
    }

    @Test
    void takesOutANodeInTheMiddle() {
        node("Relu", List.of("x"), "a");
        Node identity = node("Identity", List.of("a"), "b");
        Node last = node("Neg", List.of("b"), "y");

        assertThat(graph.bypass(identity, 0)).isTrue();

        assertThat(last.inputs()).containsExactly("a");
        assertThat(model(graph).problems()).isEmpty();
    }

    @Test
    void keepsTheNameOfAnOutputWhenTheLastNodeIsTakenOut() {
        Node relu = node("Relu", List.of("x"), "a");
        Node neg = node("Neg", List.of("a"), "unused");
        Node identity = node("Identity", List.of("a"), "y");

        assertThat(graph.bypass(identity, 0)).isTrue();

        assertThat(relu.outputs()).containsExactly("y");
        assertThat(neg.inputs()).containsExactly("y");
    }

    @Test
    void leavesANodeBetweenAnInputAndAnOutput() {
        Node identity = node("Identity", List.of("x"), "y");

        assertThat(graph.bypass(identity, 0)).isFalse();
        assertThat(graph.nodes()).containsExactly(identity);
    }

    @Test
    void seesWhatABodyTakesFromAroundIt() {
        Graph body = new Graph("then");
        body.setOutputs(List.of(ValueInfo.untyped("inner")));
        body.add(new Node("Neg", List.of("a"), List.of("inner")));
        node("Relu", List.of("x"), "a");
        graph.setInitializer("condition", Weights.of(TestWeights.bool(true)));
        Node choice = new Node("If", List.of("condition"), List.of("y")).set("then_branch", Attribute.of(body));
        graph.add(choice);

        assertThat(choice.reads()).containsExactlyInAnyOrder("condition", "a");
        assertThat(graph.consumers("a")).containsExactly(choice);
        assertThat(body.parent()).contains(graph);

        graph.replaceUses("a", "x");
        assertThat(body.captures()).containsExactly("x");
        assertThat(graph.consumers("a")).isEmpty();

        body.add(new Node("Abs", List.of("condition"), List.of("more")));
        assertThat(graph.consumers("condition")).containsExactly(choice);
        assertThat(body.constant("condition")).isPresent();
    }

    @Test
    void makesNamesThatNobodyHas() {
        node("Relu", List.of("x"), "a");

        assertThat(graph.freshName("b")).isEqualTo("b");
        assertThat(graph.freshName("a")).isEqualTo("a_1");
        assertThat(graph.freshName("a")).isEqualTo("a_2");
        assertThat(graph.addInitializer("x", Weights.ofFloats(List.of(), 1))).isEqualTo("x_1");
    }

    @Test
    void sortsNodesAndFindsCycles() {
        Node last = node("Neg", List.of("a"), "y");
        Node first = node("Relu", List.of("x"), "a");
        assertThat(model(graph).problems()).singleElement().asString().contains("before it is made");

        graph.sort();
        assertThat(graph.nodes()).containsExactly(first, last);

        first.setInput(0, "y");
        assertThatExceptionOfType(IllegalStateException.class)
                .isThrownBy(graph::sort)
                .withMessageContaining("cycle");
    }

    @Test
    void tellsConstantsFromDefaultsOfInputs() {
        graph.setInitializer("w", Weights.ofFloats(List.of(2L), 1, 2));
        graph.setInitializer("x", Weights.ofFloats(List.of(), 1));
        graph.add(new Node("Constant", List.of(), List.of("c")).set("value_ints", Attribute.ofInts(List.of(4L, 5L))));

        assertThat(graph.constant("w").orElseThrow().toFloats()).containsExactly(1, 2);
        assertThat(graph.constant("c").orElseThrow().toLongs()).containsExactly(4, 5);
        assertThat(graph.constant("x")).isEmpty();
    }

    @Test
    void refusesTwoProducersOfOneValue() {
        node("Relu", List.of("x"), "y");

        assertThatExceptionOfType(IllegalArgumentException.class)
                .isThrownBy(() -> node("Neg", List.of("x"), "y"))
                .withMessageContaining("both make 'y'");
    }

    @Test
    void writesNoModelWithProblems() {
        node("Relu", List.of("nowhere"), "y");

        assertThatExceptionOfType(IllegalStateException.class)
                .isThrownBy(() -> model(graph).toBytes())
                .withMessageContaining("'nowhere', which nobody makes");
    }

    @Test
    void namesEveryProblem() {
        graph.setInitializer("y", Weights.ofFloats(List.of(), 1));
        graph.setOutputs(List.of(ValueInfo.untyped("y"), ValueInfo.untyped("z")));
        graph.add(new Node("com.example", "Magic", List.of("x"), List.of("y")));
        OnnxModel model = OnnxModel.of(8, 0, graph);

        assertThat(String.join("\n", model.problems()))
                .contains("domain '' has version 0")
                .contains("'y' in graph 'test' is there twice")
                .contains("no operator set of domain 'com.example'")
                .contains("output 'z' of graph 'test' is made by nobody");
    }

    @Test
    void copiesAreIndependent() throws IOException {
        node("Relu", List.of("x"), "y");
        OnnxModel model = model(graph);
        OnnxModel copy = model.copy();
        copy.graph().nodes().get(0).named("changed");

        assertThat(graph.nodes().get(0).name()).isEmpty();
        assertThat(OnnxModel.read(copy.toBytes()).graph().nodes().get(0).name()).isEqualTo("changed");
    }
}
