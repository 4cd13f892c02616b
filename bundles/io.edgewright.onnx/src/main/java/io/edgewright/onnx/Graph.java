// SPDX-License-Identifier: Apache-2.0
package io.edgewright.onnx;

import io.edgewright.api.tensor.ElementType;
import io.edgewright.onnx.proto.GraphProto;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The nodes and constants of a model, or of the body of an If, Loop or Scan. Who makes and who reads a value is always known; the
 * order of nodes does not matter to any change, as writing sorts them. Not thread-safe.
 */
public final class Graph {

    private final GraphProto rest;
    private final String name;
    private final List<Node> nodes = new ArrayList<>();
    private final Map<String, Weights> initializers = new LinkedHashMap<>();
    private final Map<String, ValueInfo> valueInfos = new LinkedHashMap<>();
    private List<ValueInfo> inputs = List.of();
    private List<ValueInfo> outputs = List.of();
    private @Nullable Node owner;

    private final Uses uses = new Uses();
    private final Set<String> namesEverUsed = new HashSet<>();

    /** An empty graph. */
    public Graph(String name) {
        this(name, GraphProto.getDefaultInstance());
    }

    /** @param rest what is kept as it is: documentation, quantization annotations */
    Graph(String name, GraphProto rest) {
        this.name = name;
        this.rest = rest;
    }

    /** {@return its name, for people} */
    public String name() {
        return name;
    }

    /** {@return the nodes in order, as they are now; make a copy to change the graph while going through them} */
    public List<Node> nodes() {
        return Collections.unmodifiableList(nodes);
    }

    /** {@return what is fed, in order; may include names of initializers, which are defaults then} */
    public List<ValueInfo> inputs() {
        return inputs;
    }

    /** Replaces the inputs. */
    public void setInputs(List<ValueInfo> values) {
        inputs = List.copyOf(values);
        inputs.forEach(v -> namesEverUsed.add(v.name()));
        changed();
    }

    /** {@return the answers, in order} */
    public List<ValueInfo> outputs() {
        return outputs;
    }

    /** Replaces the outputs. */
    public void setOutputs(List<ValueInfo> values) {
        outputs = List.copyOf(values);
        changed();
    }

    /** {@return what the file says about values in between; a change of shapes must {@link #forget} them} */
    public Map<String, ValueInfo> valueInfos() {
        return Collections.unmodifiableMap(valueInfos);
    }

    /** Notes what is known about a value. */
    public void describe(ValueInfo value) {
        valueInfos.put(value.name(), value);
    }

    /**
     * Notes what an engine says about a value, as {@code ModelProbe.outputTypes} gives it.
     *
     * @param shape -1 where a size is only known when the model runs; empty where the rank is not known, or 0
     * @param symbols the name of each dimension; empty where it has none
     */
    public void describe(String value, ElementType type, long[] shape, String[] symbols) {
        List<Dim> dims = new ArrayList<>();
        for (int i = 0; i < shape.length; i++) {
            dims.add(shape[i] >= 0 ? Dim.of(shape[i]) : Dim.symbolic(symbols[i]));
        }
        DataType known = DataType.of(type);
        describe(dims.isEmpty() ? ValueInfo.of(value, known) : ValueInfo.of(value, known, dims));
    }

    /** {@return what is known about a value, be it input, output, initializer or in between; the nearest graph that knows it} */
    public Optional<ValueInfo> info(String value) {
        Weights weights = initializers.get(value);
        if (weights != null) {
            return Optional.of(ValueInfo.of(
                    value, weights.type(), weights.shape().stream().map(Dim::of).toList()));
        }
        ValueInfo described = valueInfos.get(value);
        if (described != null) {
            return Optional.of(described);
        }
        return Stream.concat(inputs.stream(), outputs.stream())
                .filter(v -> v.name().equals(value))
                .findFirst()
                .or(() -> defines(value) ? Optional.empty() : parent().flatMap(p -> p.info(value)));
    }

    /** {@return true if all values are tensors, as far as that can be seen: no sequences, maps or optional values} */
    public boolean hasOnlyTensors() {
        return Stream.concat(inputs.stream(), outputs.stream()).noneMatch(ValueInfo::isNoTensor)
                && nodes.stream()
                        .allMatch(node ->
                                node.isOfTensors() && node.subgraphs().stream().allMatch(Graph::hasOnlyTensors));
    }

    /** Drops what the file says about values in between. */
    public void forget(String value) {
        valueInfos.remove(value);
    }

    /** {@return the constants by name, in order, as they are now} */
    public Map<String, Weights> initializers() {
        return Collections.unmodifiableMap(initializers);
    }

    /** {@return an initializer of this graph; an input may replace it in a run} */
    public Optional<Weights> initializer(String value) {
        return Optional.ofNullable(initializers.get(value));
    }

    /** Adds or replaces a constant. */
    public void setInitializer(String value, Weights weights) {
        initializers.put(value, weights);
        namesEverUsed.add(value);
        changed();
    }

    /** Removes a constant, if it is there. */
    public void removeInitializer(String value) {
        initializers.remove(value);
        changed();
    }

    /** Adds a constant under a new name. {@return the name} */
    public String addInitializer(String prefix, Weights weights) {
        String fresh = freshName(prefix);
        setInitializer(fresh, weights);
        return fresh;
    }

    /**
     * {@return a value if it is the same in every run: an initializer that no input can replace or the output of a Constant, here or
     * around this graph}
     */
    public Optional<Weights> constant(String value) {
        Weights weights = initializers.get(value);
        if (weights != null) {
            return isInput(value) ? Optional.empty() : Optional.of(weights);
        }
        Node producer = uses.producer(value);
        if (producer != null) {
            return Constants.of(producer);
        }
        return defines(value) ? Optional.empty() : parent().flatMap(p -> p.constant(value));
    }

    /** {@return true if this is the name of an input} */
    public boolean isInput(String value) {
        return inputs.stream().anyMatch(v -> v.name().equals(value));
    }

    /** {@return true if this is the name of an output} */
    public boolean isOutput(String value) {
        return outputs.stream().anyMatch(v -> v.name().equals(value));
    }

    /** {@return the node here that makes a value; empty for inputs, initializers and values from around this graph} */
    public Optional<Node> producer(String value) {
        return Optional.ofNullable(uses.producer(value));
    }

    /** {@return the nodes here that read a value, each once, also in their subgraphs; being an output is not counted} */
    public List<Node> consumers(String value) {
        return List.copyOf(uses.consumers(value));
    }

    /** {@return the only reader of a value; empty if there is none, more than one, or it is an output as well} */
    public Optional<Node> onlyConsumer(String value) {
        Set<Node> found = uses.consumers(value);
        return found.size() == 1 && !isOutput(value)
                ? Optional.of(found.iterator().next())
                : Optional.empty();
    }

    /** {@return the graph around this one; empty for that of the model} */
    public Optional<Graph> parent() {
        return Optional.ofNullable(owner).flatMap(Node::graph);
    }

    /** {@return this graph and all in it, outermost first} */
    public List<Graph> withSubgraphs() {
        List<Graph> all = new ArrayList<>(List.of(this));
        for (Node node : nodes) {
            for (Graph body : node.subgraphs()) {
                all.addAll(body.withSubgraphs());
            }
        }
        return all;
    }

    /** {@return the values that it takes from around it} */
    public Set<String> captures() {
        Set<String> free = new LinkedHashSet<>(uses.consumed());
        outputs.forEach(v -> free.add(v.name()));
        free.removeIf(this::defines);
        return free;
    }

    boolean defines(String value) {
        return uses.producer(value) != null || initializers.containsKey(value) || isInput(value);
    }

    /**
     * Adds a node; where does not matter.
     *
     * @throws IllegalArgumentException if it is in another graph, or another node makes one of its outputs
     */
    public Node add(Node node) {
        for (String output : node.outputs()) {
            Node other = uses.producer(output);
            if (other != null || !output.isEmpty() && Collections.frequency(node.outputs(), output) > 1) {
                throw new IllegalArgumentException("%s and %s both make '%s', expected one of them"
                        .formatted(other == null ? node : other, node, output));
            }
        }
        node.belongTo(this);
        nodes.add(node);
        changed(node);
        return node;
    }

    /** Removes a node; its outputs have no producer then. */
    public void remove(Node node) {
        if (nodes.remove(node)) {
            uses.remove(node);
            node.belongToNone();
            changed();
        }
    }

    /** Lets all who read one value read another, in subgraphs too; an output keeps its name and its producer. */
    public void replaceUses(String from, String to) {
        consumers(from).forEach(node -> node.replaceReads(from, to));
    }

    /**
     * Takes out a node that makes no difference to its first output: who reads that reads the node's input instead. If it is an
     * output of the graph, the input's producer takes over its name.
     *
     * @param node a node of this graph whose other outputs nobody reads
     * @param input the index of the input that passes through
     * @return false if that cannot be done, as an input of the graph, a constant or another output would have to change its name;
     *     nothing has changed then
     */
    public boolean bypass(Node node, int input) {
        String from = node.output(0);
        String to = node.input(input);
        if (!isOutput(from)) {
            remove(node);
            replaceUses(from, to);
            valueInfos.remove(from);
            return true;
        }
        Node producer = uses.producer(to);
        if (producer == null || isOutput(to)) {
            return false;
        }
        remove(node);
        replaceUses(to, from);
        valueInfos.remove(to);
        producer.replaceOutput(to, from);
        return true;
    }

    /** Removes the nodes and initializers that no output depends on. {@return how many nodes} */
    public int removeUnused() {
        return Unused.remove(this);
    }

    boolean isUsed(String value) {
        return !value.isEmpty() && (!uses.consumers(value).isEmpty() || isOutput(value));
    }

    /** {@return a name that no value of the model has had so far} */
    public String freshName(String prefix) {
        Graph root = this;
        for (Optional<Graph> up = parent(); up.isPresent(); up = root.parent()) {
            root = up.get();
        }
        List<Graph> all = root.withSubgraphs();
        String fresh = prefix;
        for (int i = 1; isTaken(fresh, all); i++) {
            fresh = prefix + "_" + i;
        }
        namesEverUsed.add(fresh);
        return fresh;
    }

    private static boolean isTaken(String value, List<Graph> graphs) {
        return graphs.stream().anyMatch(g -> g.namesEverUsed.contains(value));
    }

    /**
     * Brings the nodes, in subgraphs too, into an order in which each comes after those whose values it reads. Nodes that are in
     * order already stay where they are.
     *
     * @throws IllegalStateException if there is a cycle; the message names a node in it
     */
    public void sort() {
        List<Node> sorted = TopologicalOrder.of(this);
        nodes.clear();
        nodes.addAll(sorted);
        for (Node node : nodes) {
            node.subgraphs().forEach(Graph::sort);
        }
    }

    /** {@return a copy that is in no node; weights are shared} */
    public Graph copy() {
        Graph copy = new Graph(name, rest);
        copy.inputs = inputs;
        copy.outputs = outputs;
        inputs.forEach(v -> copy.namesEverUsed.add(v.name()));
        valueInfos.values().forEach(copy::describe);
        initializers.forEach(copy::setInitializer);
        nodes.forEach(node -> copy.add(node.copy()));
        return copy;
    }

    void replaceCaptures(String from, String to) {
        if (!defines(from)) {
            replaceUses(from, to);
            outputs = outputs.stream()
                    .map(v -> v.name().equals(from) ? v.renamed(to) : v)
                    .toList();
        }
    }

    void belongTo(Node node) {
        if (owner != null && owner != node) {
            throw new IllegalArgumentException("graph '" + name + "' is in " + owner + " already, expected a copy");
        }
        owner = node;
    }

    void belongToNone() {
        owner = null;
    }

    /** Tells the graph around this one that its captures may be others now. */
    private void changed() {
        if (owner != null) {
            owner.changed();
        }
    }

    void changed(Node node) {
        uses.put(node);
        namesEverUsed.addAll(node.reads());
        namesEverUsed.addAll(node.outputs());
        changed();
    }

    GraphProto rest() {
        return rest;
    }
}
