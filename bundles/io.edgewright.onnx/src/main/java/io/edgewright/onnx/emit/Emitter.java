// SPDX-License-Identifier: Apache-2.0
package io.edgewright.onnx.emit;

import io.edgewright.onnx.Attribute;
import io.edgewright.onnx.DataType;
import io.edgewright.onnx.Graph;
import io.edgewright.onnx.Node;
import io.edgewright.onnx.ValueInfo;
import io.edgewright.onnx.Weights;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Adds nodes and constants to a graph, under names of their own, for opset 8 and later. Not thread-safe. */
public final class Emitter {

    private final Graph graph;
    private final String prefix;
    private final long opset;
    private final Map<List<Float>, String> scalars = new HashMap<>();
    private final Map<List<Long>, String> vectors = new HashMap<>();
    private int made;

    /**
     * @param graph what to add to
     * @param prefix begins the name of each value that is made; no value of the graph begins so yet
     * @param opset the version of ONNX's own operators in the graph's model
     */
    public Emitter(Graph graph, String prefix, long opset) {
        this.graph = graph;
        this.prefix = prefix;
        this.opset = opset;
    }

    /** {@return the graph that is added to} */
    public Graph graph() {
        return graph;
    }

    /** {@return the output of a new node without attributes} */
    public String emit(String operator, String... inputs) {
        return emit(operator, Map.of(), inputs);
    }

    /** {@return the output of a new node} */
    public String emit(String operator, Map<String, Attribute> attributes, String... inputs) {
        return emit(operator, attributes, 1, inputs).get(0);
    }

    /** {@return the outputs of a new node} */
    public List<String> emit(String operator, Map<String, Attribute> attributes, int outputs, String... inputs) {
        String[] names = new String[outputs];
        Arrays.setAll(names, i -> fresh(operator));
        Node node = new Node(operator, List.of(inputs), List.of(names)).named(names[0]);
        attributes.forEach(node::set);
        graph.add(node);
        return List.of(names);
    }

    /** {@return a new constant of 32-bit floats} */
    public String floats(List<Long> shape, float... values) {
        String name = fresh("floats");
        graph.setInitializer(name, Weights.ofFloats(shape, values));
        return name;
    }

    /** {@return a scalar; the same name for the same number} */
    public String scalar(float value) {
        return scalars.computeIfAbsent(List.of(value), v -> floats(List.of(), value));
    }

    /** {@return a vector of 64-bit integers, such as axes or a shape; the same name for the same numbers} */
    public String longs(List<Long> values) {
        return vectors.computeIfAbsent(List.copyOf(values), v -> {
            String name = fresh("longs");
            long[] all = v.stream().mapToLong(Long::longValue).toArray();
            graph.setInitializer(name, Weights.ofLongs(List.of((long) all.length), all));
            return name;
        });
    }

    /** {@return the value in another shape; 0 keeps a dimension, -1 is what is left} */
    public String reshape(String value, List<Long> shape) {
        return emit("Reshape", value, longs(shape));
    }

    /** {@return the value with its axes in another order} */
    public String transpose(String value, List<Long> order) {
        return emit("Transpose", Map.of("perm", Attribute.ofInts(order)), value);
    }

    /** {@return the sum over some axes} */
    public String sum(String value, List<Long> axes, boolean keepDims) {
        return reduce("ReduceSum", 13, value, axes, keepDims);
    }

    /** {@return the mean over some axes, which stay with the size 1} */
    public String mean(String value, List<Long> axes) {
        return reduce("ReduceMean", 18, value, axes, true);
    }

    /** @param since the opset from which on the axes are an input */
    private String reduce(String operator, long since, String value, List<Long> axes, boolean keepDims) {
        Attribute keep = Attribute.of(keepDims ? 1L : 0L);
        return opset < since
                ? emit(operator, Map.of("axes", Attribute.ofInts(axes), "keepdims", keep), value)
                : emit(operator, Map.of("keepdims", keep), value, longs(axes));
    }

    /** {@return where two values are equal, as booleans} */
    public String equal(String a, String b) {
        return opset < 11 ? emit("Not", emit("Or", emit("Less", a, b), emit("Greater", a, b))) : emit("Equal", a, b);
    }

    /**
     * {@return the value with something around it}
     *
     * @param padding how many before each axis, then how many after each
     */
    public String pad(String value, List<Long> padding, float with) {
        return opset < 11
                ? emit("Pad", Map.of("pads", Attribute.ofInts(padding), "value", Attribute.of(with)), value)
                : emit("Pad", value, longs(padding), scalar(with));
    }

    /** {@return a part of the value, from starts to before ends along some axes} */
    public String slice(String value, List<Long> starts, List<Long> ends, List<Long> axes) {
        if (opset >= 10) {
            return emit("Slice", value, longs(starts), longs(ends), longs(axes));
        }
        var attributes = Map.of(
                "starts", Attribute.ofInts(starts), "ends", Attribute.ofInts(ends), "axes", Attribute.ofInts(axes));
        return emit("Slice", attributes, value);
    }

    /** Makes a value an output of the graph, under a name. */
    public void output(String value, String name) {
        graph.add(new Node("Identity", List.of(value), List.of(name)));
        List<ValueInfo> outputs = new ArrayList<>(graph.outputs());
        outputs.add(ValueInfo.of(name, DataType.FLOAT32));
        graph.setOutputs(outputs);
    }

    /** {@return n times the same number} */
    public static List<Long> times(int n, long value) {
        return Collections.nCopies(n, value);
    }

    private String fresh(String operator) {
        return prefix + operator + "_" + made++;
    }
}
