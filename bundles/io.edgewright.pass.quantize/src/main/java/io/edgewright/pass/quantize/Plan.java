// SPDX-License-Identifier: Apache-2.0
package io.edgewright.pass.quantize;

import io.edgewright.onnx.DataType;
import io.edgewright.onnx.Graph;
import io.edgewright.onnx.Node;
import io.edgewright.pass.quantize.Int8Rules.Role;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * Which nodes of a graph run in int8, and which values they need in quantized form. Products are in int8 unless told otherwise; what
 * lies between products follows them; a Relu or Clip belongs to the node before it. Nothing is changed here.
 */
final class Plan {

    private final Graph graph;
    private final Function<Node, Optional<Rule>> excluded;
    private final Map<Node, Role> int8 = new LinkedHashMap<>();
    private final Map<Node, Node> clips = new LinkedHashMap<>(); // what is folded -> the node before it
    private final Map<Node, Rule> floats = new LinkedHashMap<>();
    private final Set<String> values = new LinkedHashSet<>();
    private final Map<String, String> sameAs = new HashMap<>();

    private Plan(Graph graph, Function<Node, Optional<Rule>> excluded) {
        this.graph = graph;
        this.excluded = excluded;
    }

    /**
     * {@return a plan}
     *
     * @param graph sorted
     * @param excluded says why a node that could be in int8 stays float; empty if it need not
     */
    static Plan of(Graph graph, Function<Node, Optional<Rule>> excluded) {
        var plan = new Plan(graph, excluded);
        plan.assignRoles();
        plan.dropWhatLeadsNowhere();
        plan.collectValues();
        return plan;
    }

    /** {@return the nodes in int8 with their roles, in order; without clips} */
    Map<Node, Role> int8() {
        return Collections.unmodifiableMap(int8);
    }

    /** {@return the products in int8, in order} */
    List<Node> products() {
        return int8.keySet().stream().filter(n -> int8.get(n) == Role.PRODUCT).toList();
    }

    /** {@return the other nodes, and why} */
    Map<Node, Rule> floats() {
        return Collections.unmodifiableMap(floats);
    }

    /** {@return the values that are needed in quantized form} */
    Set<String> values() {
        return Collections.unmodifiableSet(values);
    }

    /** {@return the value whose scale this one has: what was moved to make it; itself if it was not moved} */
    String root(String value) {
        String root = value;
        for (String next = sameAs.get(root); next != null; next = sameAs.get(root)) {
            root = next;
        }
        return root;
    }

    /** {@return true if a node in int8 makes this value, or a clip folded into one} */
    boolean isMadeInInt8(String value) {
        return graph.producer(value).filter(this::isMadeInInt8).isPresent();
    }

    private boolean isMadeInInt8(Node node) {
        return int8.containsKey(node) || clips.containsKey(node);
    }

    private void assignRoles() {
        Set<String> available = new HashSet<>();
        Set<String> wanted = wantedByProducts();
        for (Node node : graph.nodes()) {
            Role role = Int8Rules.role(graph, node);
            Optional<Rule> why = why(node, role, available, wanted);
            if (why.isPresent()) {
                floats.put(node, why.get());
                continue;
            }
            if (role == Role.CLIP) {
                graph.producer(node.input(0)).ifPresent(before -> clips.put(node, before));
            } else {
                int8.put(node, role);
            }
            available.addAll(node.outputs());
        }
    }

    private Set<String> wantedByProducts() {
        Set<String> wanted = new HashSet<>();
        for (Node node : graph.nodes()) {
            if (Int8Rules.role(graph, node) == Role.PRODUCT
                    && excluded.apply(node).isEmpty()) {
                wanted.add(node.input(0));
            }
        }
        return wanted;
    }

    private Optional<Rule> why(Node node, Role role, Set<String> available, Set<String> wanted) {
        return switch (role) {
            case FLOAT -> Optional.of(Int8Rules.whyFloat(graph, node));
            case PRODUCT -> excluded.apply(node);
            case CLIP -> foldsIntoWhatComesBefore(node) ? Optional.empty() : Optional.of(Rule.CLIP_ALONE);
            case COMPUTE, MOVE -> {
                List<String> inputs = Int8Rules.dataInputs(graph, node, role);
                boolean reads = inputs.stream().anyMatch(available::contains)
                        && inputs.stream()
                                .allMatch(v -> available.contains(v)
                                        || role == Role.COMPUTE && (wanted.contains(v) || isFloatConstant(v)));
                yield reads ? excluded.apply(node) : Optional.of(Rule.INPUT_FLOAT);
            }
        };
    }

    private boolean isFloatConstant(String value) {
        return graph.constant(value).filter(w -> w.type() == DataType.FLOAT32).isPresent();
    }

    private boolean foldsIntoWhatComesBefore(Node clip) {
        boolean limits = clip.is("Relu") || isFloatOrLeftOut(clip.input(1)) && isFloatOrLeftOut(clip.input(2));
        Role before = graph.producer(clip.input(0)).map(int8::get).orElse(Role.FLOAT);
        return limits
                && (before == Role.PRODUCT || before == Role.COMPUTE)
                && graph.onlyConsumer(clip.input(0)).isPresent();
    }

    private boolean isFloatOrLeftOut(String value) {
        return value.isEmpty() || isFloatConstant(value);
    }

    /** Only products are worth a quantization by themselves. */
    private void dropWhatLeadsNowhere() {
        List<Node> backwards = new ArrayList<>(graph.nodes());
        Collections.reverse(backwards);
        for (Node node : backwards) {
            Node before = clips.get(node);
            if (before != null) {
                if (!isReadInInt8(node) && isDroppedWithoutReader(before)) {
                    clips.remove(node);
                    floats.put(node, Rule.NO_PRODUCT_FOLLOWS);
                }
            } else if (int8.containsKey(node)
                    && int8.get(node) != Role.PRODUCT
                    && !isReadInInt8(node)
                    && !joinsConvolutions(node)) {
                int8.remove(node);
                floats.put(node, Rule.NO_PRODUCT_FOLLOWS);
            }
        }
    }

    /** A convolution needs its output quantized in any case, and a clip can be part of that. */
    private boolean isDroppedWithoutReader(Node node) {
        return !node.is("Conv");
    }

    /** What convolutions have made in int8 anyway is joined as bytes: a quarter of the work, and read back once. */
    private boolean joinsConvolutions(Node node) {
        return node.is("Concat") && node.inputs().stream().allMatch(this::isMadeByConvolution);
    }

    private boolean isMadeByConvolution(String value) {
        return graph.producer(value)
                .filter(this::isMadeInInt8)
                .map(n -> n.is("Conv")
                        || (clips.containsKey(n) || int8.get(n) == Role.MOVE) && isMadeByConvolution(n.input(0)))
                .orElse(false);
    }

    private boolean isReadInInt8(Node node) {
        return node.outputs().stream().flatMap(v -> graph.consumers(v).stream()).anyMatch(this::isMadeInInt8);
    }

    private void collectValues() {
        int8.forEach((node, role) -> {
            for (String input : Int8Rules.dataInputs(graph, node, role)) {
                if (!isFloatConstant(input)) {
                    values.add(input);
                }
            }
            if (role == Role.MOVE) {
                node.outputs().forEach(output -> sameAs.put(output, node.input(0)));
            }
            node.outputs().stream().filter(v -> isQuantizedOutput(node, v)).forEach(values::add);
        });
        clips.keySet().stream()
                .map(n -> n.output(0))
                .filter(v ->
                        graph.producer(v).map(clips::get).map(n -> n.is("Conv")).orElse(false) || isRead(v))
                .forEach(values::add);
    }

    /** A matrix product gives floats where nobody needs int8: that is more exact, and no slower. */
    private boolean isQuantizedOutput(Node node, String value) {
        boolean clipped = graph.consumers(value).stream().anyMatch(clips::containsKey);
        return !clipped && (node.is("Conv") || node.is("Concat") || isRead(value));
    }

    private boolean isRead(String value) {
        return graph.consumers(value).stream().anyMatch(int8::containsKey);
    }
}
