// SPDX-License-Identifier: Apache-2.0
package io.edgewright.onnx;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Says what is wrong with the structure of a model (ONNX's IR specification): names that are used twice or made by nobody, cycles,
 * nodes before what they read, operator sets that are missing. Sizes of weights and places of external data are
 * checked when they are read. Types, shapes and versions are for the engine to check.
 */
final class ModelChecker {

    private static final int MOST_PROBLEMS = 20;

    private final OnnxModel model;
    private final List<String> problems = new ArrayList<>();

    private ModelChecker(OnnxModel model) {
        this.model = model;
    }

    static List<String> check(OnnxModel model) {
        var checker = new ModelChecker(model);
        checker.opsets();
        if (model.graph().outputs().isEmpty()) {
            checker.problem("the graph has no outputs, expected one or more");
        }
        checker.graph(model.graph(), Set.of());
        return checker.problems;
    }

    private void opsets() {
        model.opsets().forEach((domain, version) -> {
            if (version < 1) {
                problem("the operator set of domain '%s' has version %d, expected 1 or more"
                        .formatted(domain, version));
            }
        });
    }

    private void graph(Graph graph, Set<String> around) {
        Set<String> visible = new HashSet<>(around);
        Set<String> own = new HashSet<>();
        graph.inputs().forEach(value -> define(graph, value.name(), "input", own));
        for (String name : graph.initializers().keySet()) {
            if (!graph.isInput(name)) {
                define(graph, name, "initializer", own);
            }
        }
        visible.addAll(own);
        for (Node node : graph.nodes()) {
            node(graph, node, visible);
            for (String output : node.outputs()) {
                if (!output.isEmpty()) {
                    define(graph, output, node.toString(), own);
                    visible.add(output);
                }
            }
        }
        for (ValueInfo output : graph.outputs()) {
            if (!visible.contains(output.name())) {
                problem("output '%s' of graph '%s' is made by nobody".formatted(output.name(), graph.name()));
            }
        }
        own.stream()
                .filter(around::contains)
                .forEach(name -> problem(
                        "'%s' in graph '%s' hides a value of the same name around it".formatted(name, graph.name())));
    }

    private void define(Graph graph, String name, String by, Set<String> own) {
        if (name.isEmpty()) {
            problem("graph '%s' has an %s without a name".formatted(graph.name(), by));
        } else if (!own.add(name)) {
            problem("'%s' in graph '%s' is there twice, the second time as %s".formatted(name, graph.name(), by));
        }
    }

    private void node(Graph graph, Node node, Set<String> visible) {
        if (!node.domain().isEmpty() && !model.opsets().containsKey(node.domain())) {
            problem("%s: the model imports no operator set of domain '%s', only %s"
                    .formatted(node, node.domain(), model.opsets().keySet()));
        }
        for (String input : node.inputs()) {
            if (!input.isEmpty() && !visible.contains(input)) {
                problem(
                        graph.producer(input).isPresent()
                                ? "%s reads '%s' before it is made: unsorted or a cycle".formatted(node, input)
                                : "%s reads '%s', which nobody makes".formatted(node, input));
            }
        }
        for (Graph body : node.subgraphs()) {
            graph(body, visible);
        }
    }

    private void problem(String text) {
        if (problems.size() < MOST_PROBLEMS) {
            problems.add(text);
        }
    }
}
