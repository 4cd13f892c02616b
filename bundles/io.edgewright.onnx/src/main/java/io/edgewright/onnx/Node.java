// SPDX-License-Identifier: Apache-2.0
package io.edgewright.onnx;

import io.edgewright.onnx.proto.NodeProto;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One operation. Not thread-safe. */
public final class Node {

    private final String domain;
    private final String opType;
    private final NodeProto rest;
    private final List<String> inputs;
    private final List<String> outputs;
    private final Map<String, Attribute> attributes = new LinkedHashMap<>();
    private String name;
    private @Nullable Graph graph;

    /**
     * A node without attributes that is in no graph yet.
     *
     * @param domain empty for ONNX's own operators
     * @param opType such as {@code Conv}
     * @param inputs the values it reads; empty for an optional one that is left out
     * @param outputs the values it makes; empty for an optional one that is left out
     */
    public Node(String domain, String opType, List<String> inputs, List<String> outputs) {
        this(domain, opType, "", inputs, outputs, NodeProto.getDefaultInstance());
    }

    /** A node of ONNX's own operators, as above. */
    public Node(String opType, List<String> inputs, List<String> outputs) {
        this("", opType, inputs, outputs);
    }

    /** @param rest what is kept as it is: overload, documentation, metadata */
    Node(String domain, String opType, String name, List<String> inputs, List<String> outputs, NodeProto rest) {
        if (opType.isEmpty()) {
            throw new IllegalArgumentException("a node has no operator");
        }
        this.domain = domain.equals("ai.onnx") ? "" : domain;
        this.opType = opType;
        this.name = name;
        this.inputs = new ArrayList<>(inputs);
        this.outputs = new ArrayList<>(outputs);
        this.rest = rest;
    }

    /** {@return true for this operator of ONNX itself} */
    public boolean is(String operator) {
        return domain.isEmpty() && opType.equals(operator);
    }

    /** {@return false for operators that make or read sequences and optional values; what bodies do is not looked at} */
    public boolean isOfTensors() {
        return !opType.startsWith("Sequence")
                && !opType.equals("ConcatFromSequence")
                && !opType.equals("SplitToSequence")
                && !opType.startsWith("Optional");
    }

    /** {@return the operator, such as {@code Conv}} */
    public String opType() {
        return opType;
    }

    /** {@return the domain of the operator; empty for ONNX's own} */
    public String domain() {
        return domain;
    }

    /** {@return a name for people; may be empty} */
    public String name() {
        return name;
    }

    /** Names it. {@return this} */
    public Node named(String newName) {
        name = newName;
        return this;
    }

    /** {@return the values it reads, as they are now; empty for one that is left out} */
    public List<String> inputs() {
        return Collections.unmodifiableList(inputs);
    }

    /** {@return the values it makes, as they are now; empty for one that is left out} */
    public List<String> outputs() {
        return Collections.unmodifiableList(outputs);
    }

    /** {@return an input; empty if it is left out} */
    public String input(int index) {
        return index < inputs.size() ? inputs.get(index) : "";
    }

    /** {@return an output; empty if it is left out} */
    public String output(int index) {
        return index < outputs.size() ? outputs.get(index) : "";
    }

    /** Replaces an input; those before it that do not exist yet are left out. */
    public void setInput(int index, String value) {
        while (inputs.size() <= index) {
            inputs.add("");
        }
        inputs.set(index, value);
        changed();
    }

    /** Replaces all inputs. */
    public void setInputs(List<String> values) {
        inputs.clear();
        inputs.addAll(values);
        changed();
    }

    /** Replaces all outputs. */
    public void setOutputs(List<String> values) {
        outputs.clear();
        outputs.addAll(values);
        changed();
    }

    /** {@return the attributes by name, in order, as they are now} */
    public Map<String, Attribute> attributes() {
        return Collections.unmodifiableMap(attributes);
    }

    /** {@return the attribute; empty if the node has none of that name} */
    public Optional<Attribute> attribute(String attribute) {
        return Optional.ofNullable(attributes.get(attribute));
    }

    /**
     * Sets or replaces an attribute. {@return this}
     *
     * @throws IllegalArgumentException if it holds a graph that belongs to another node
     */
    public Node set(String attribute, Attribute value) {
        remove(attribute);
        for (Graph body : bodies(value)) {
            body.belongTo(this);
        }
        attributes.put(attribute, value);
        changed();
        return this;
    }

    /** Removes an attribute, if it is there. {@return this} */
    public Node remove(String attribute) {
        Attribute old = attributes.remove(attribute);
        if (old != null) {
            bodies(old).forEach(Graph::belongToNone);
            changed();
        }
        return this;
    }

    /** {@return an integer attribute, or the default if it is absent or of another kind} */
    public long intOr(String attribute, long otherwise) {
        return attributes.get(attribute) instanceof Attribute.Int found ? found.value() : otherwise;
    }

    /** {@return a number, or the default if it is absent or of another kind} */
    public float realOr(String attribute, float otherwise) {
        return attributes.get(attribute) instanceof Attribute.Real found ? found.value() : otherwise;
    }

    /** {@return a string, or the default if it is absent or of another kind} */
    public String textOr(String attribute, String otherwise) {
        return attributes.get(attribute) instanceof Attribute.Text found ? found.value() : otherwise;
    }

    /** {@return integers, or the default if they are absent or of another kind} */
    public List<Long> intsOr(String attribute, List<Long> otherwise) {
        return attributes.get(attribute) instanceof Attribute.Ints found ? found.values() : otherwise;
    }

    /** {@return a tensor; empty if it is absent or of another kind} */
    public Optional<Weights> tensor(String attribute) {
        return attributes.get(attribute) instanceof Attribute.TensorValue found
                ? Optional.of(found.value())
                : Optional.empty();
    }

    /** {@return the bodies of an If, Loop or Scan; empty for most nodes} */
    public List<Graph> subgraphs() {
        List<Graph> found = new ArrayList<>();
        for (Attribute value : attributes.values()) {
            found.addAll(bodies(value));
        }
        return found;
    }

    /** {@return the values it reads: its inputs, and what its subgraphs take from around it} */
    public Set<String> reads() {
        Set<String> reads = new LinkedHashSet<>(inputs);
        for (Graph body : subgraphs()) {
            reads.addAll(body.captures());
        }
        reads.remove("");
        return reads;
    }

    /** {@return the graph it is in; empty if it is in none} */
    public Optional<Graph> graph() {
        return Optional.ofNullable(graph);
    }

    /** {@return a copy that is in no graph; weights are shared} */
    public Node copy() {
        Node copy = new Node(domain, opType, name, inputs, outputs, rest);
        attributes.forEach((key, value) -> copy.set(key, copy(value)));
        return copy;
    }

    private static Attribute copy(Attribute value) {
        if (value instanceof Attribute.Body body) {
            return Attribute.of(body.value().copy());
        }
        if (value instanceof Attribute.Bodies bodies) {
            return new Attribute.Bodies(
                    bodies.values().stream().map(Graph::copy).toList());
        }
        return value;
    }

    private static List<Graph> bodies(Attribute value) {
        if (value instanceof Attribute.Body body) {
            return List.of(body.value());
        }
        return value instanceof Attribute.Bodies bodies ? bodies.values() : List.of();
    }

    /** Puts one name for another, in its bodies too. */
    void replaceReads(String from, String to) {
        inputs.replaceAll(input -> input.equals(from) ? to : input);
        for (Graph body : subgraphs()) {
            body.replaceCaptures(from, to);
        }
        changed();
    }

    void replaceOutput(String from, String to) {
        outputs.replaceAll(output -> output.equals(from) ? to : output);
        changed();
    }

    void belongTo(Graph owner) {
        if (graph != null && graph != owner) {
            throw new IllegalArgumentException(this + " is in another graph already, expected a copy");
        }
        graph = owner;
    }

    void belongToNone() {
        graph = null;
    }

    /** What it reads or makes is different now. */
    void changed() {
        if (graph != null) {
            graph.changed(this);
        }
    }

    NodeProto rest() {
        return rest;
    }

    /** {@return such as {@code Conv 'conv1'}} */
    @Override
    public String toString() {
        String operator = domain.isEmpty() ? opType : domain + "." + opType;
        return operator + " '" + (name.isEmpty() ? output(0) : name) + "'";
    }
}
