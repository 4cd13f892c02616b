// SPDX-License-Identifier: Apache-2.0
package io.edgewright.testkit;

import io.edgewright.api.tensor.ElementType;
import io.edgewright.testkit.FlatWriter.Table;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Small TensorFlow Lite models; the numbers of fields, types and operators are those of TensorFlow's {@code schema.fbs}. */
public final class TfliteModels {

    private static final int ADD = 0;
    private static final int FULLY_CONNECTED = 9;
    private static final int RESHAPE = 22;
    private static final int CUSTOM = 32;

    private static final byte ADD_OPTIONS = 11;
    private static final byte RESHAPE_OPTIONS = 17;
    private static final byte FULLY_CONNECTED_OPTIONS = 8;

    private TfliteModels() {}

    /**
     * {@return a model {@code x -> y = x}}
     *
     * @param type any type that TensorFlow Lite has
     * @param shape of x and y; one dimension may be open
     */
    public static byte[] identity(ElementType type, List<Long> shape) {
        int[] dims = shape.stream().mapToInt(Long::intValue).toArray();
        List<Table> tensors = List.of(
                tensor("x", type, shape, 0),
                tensor("shape", ElementType.INT32, List.of((long) dims.length), 1),
                tensor("y", type, shape, 0));
        Table operator = operator(0, new int[] {0, 1}, new int[] {2})
                .put(3, RESHAPE_OPTIONS)
                .put(4, new Table().put(0, dims));
        ByteBuffer content = ByteBuffer.allocate(4 * dims.length).order(ByteOrder.LITTLE_ENDIAN);
        content.asIntBuffer().put(dims);
        return model(3, List.of(code(RESHAPE, "")), tensors, List.of(operator), List.of(content.array()), 2);
    }

    /**
     * {@return a model {@code x: FLOAT32 -> y = x + constant}}
     *
     * @param constant what is added to every element
     * @param shape of x and y
     */
    public static byte[] add(float constant, List<Long> shape) {
        List<Table> tensors = List.of(
                tensor("x", ElementType.FLOAT32, shape, 0),
                tensor("c", ElementType.FLOAT32, List.of(1L), 1),
                tensor("y", ElementType.FLOAT32, shape, 0));
        Table operator =
                operator(0, new int[] {0, 1}, new int[] {2}).put(3, ADD_OPTIONS).put(4, new Table());
        return model(3, List.of(code(ADD, "")), tensors, List.of(operator), List.of(floats(List.of(constant))), 2);
    }

    /**
     * {@return a model of one operator that TensorFlow Lite does not know, {@code x: FLOAT32 [1] -> y}}
     *
     * @param name of the operator
     */
    public static byte[] custom(String name) {
        List<Table> tensors = List.of(
                tensor("x", ElementType.FLOAT32, List.of(1L), 0), tensor("y", ElementType.FLOAT32, List.of(1L), 0));
        Table operator = operator(0, new int[] {0}, new int[] {1});
        return model(3, List.of(code(CUSTOM, name)), tensors, List.of(operator), List.of(), 1);
    }

    /**
     * {@return a model {@code x -> y = x} that says another version of the schema}
     *
     * @param version of the schema; 3 is the one in use
     */
    public static byte[] ofSchema(int version) {
        List<Long> shape = List.of(1L);
        List<Table> tensors =
                List.of(tensor("x", ElementType.FLOAT32, shape, 0), tensor("y", ElementType.FLOAT32, shape, 0));
        Table operator = operator(0, new int[] {0}, new int[] {1});
        return model(version, List.of(code(RESHAPE, "")), tensors, List.of(operator), List.of(), 1);
    }

    /**
     * {@return a model of equal layers, {@code x: FLOAT32 [1, size] -> y}: each multiplies by a matrix of ones over size, so
     * that equal inputs stay as they are}
     *
     * @param layers how many
     * @param size rows and columns
     */
    public static byte[] layers(int layers, int size) {
        List<Table> tensors = new ArrayList<>();
        List<Table> operators = new ArrayList<>();
        List<Long> row = List.of(1L, (long) size);
        tensors.add(tensor("x", ElementType.FLOAT32, row, 0));
        tensors.add(tensor("w", ElementType.FLOAT32, List.of((long) size, (long) size), 1));
        for (int i = 0; i < layers; i++) {
            int from = i == 0 ? 0 : i + 1;
            tensors.add(tensor(i == layers - 1 ? "y" : "t" + i, ElementType.FLOAT32, row, 0));
            operators.add(operator(0, new int[] {from, 1, -1}, new int[] {i + 2})
                    .put(3, FULLY_CONNECTED_OPTIONS)
                    .put(4, new Table()));
        }
        byte[] weights = floats(Collections.nCopies(size * size, 1f / size));
        return model(3, List.of(code(FULLY_CONNECTED, "")), tensors, operators, List.of(weights), layers + 1);
    }

    /**
     * {@return a file of a few kilobytes whose lists name one table again and again, so that it looks like a model of
     * millions of tensors}
     *
     * @param times how often each list does so; the tensors are the square of it
     */
    public static byte[] manyToOne(int times) {
        Table tensor = tensor("x", ElementType.FLOAT32, List.of(1L), 0);
        Table subgraph = new Table()
                .put(0, Collections.nCopies(times, tensor))
                .put(1, new int[] {0})
                .put(2, new int[] {0})
                .put(3, List.of());
        Table model = new Table()
                .put(0, 3)
                .put(1, List.of(code(RESHAPE, "")))
                .put(2, Collections.nCopies(times, subgraph))
                .put(4, List.of(new Table()));
        return FlatWriter.write(model, "TFL3");
    }

    private static byte[] model(
            int version,
            List<Table> codes,
            List<Table> tensors,
            List<Table> operators,
            List<byte[]> contents,
            int output) {
        List<Table> buffers = new ArrayList<>(List.of(new Table()));
        contents.forEach(c -> buffers.add(new Table().put(0, c)));
        Table subgraph = new Table()
                .put(0, tensors)
                .put(1, new int[] {0})
                .put(2, new int[] {output})
                .put(3, operators)
                .put(4, "main");
        Table model = new Table()
                .put(0, version)
                .put(1, codes)
                .put(2, List.of(subgraph))
                .put(3, "made by a test")
                .put(4, buffers);
        return FlatWriter.write(model, "TFL3");
    }

    private static Table code(int builtin, String custom) {
        Table code = new Table().put(0, (byte) builtin).put(2, 1).put(3, builtin);
        return custom.isEmpty() ? code : code.put(1, custom);
    }

    private static Table operator(int code, int[] inputs, int[] outputs) {
        return new Table().put(0, code).put(1, inputs).put(2, outputs);
    }

    private static Table tensor(String name, ElementType type, List<Long> shape, int buffer) {
        int[] signature = shape.stream().mapToInt(Long::intValue).toArray();
        int[] dims = shape.stream().mapToInt(d -> d < 0 ? 1 : d.intValue()).toArray();
        return new Table()
                .put(0, dims)
                .put(1, (byte) number(type))
                .put(2, buffer)
                .put(3, name)
                .put(7, signature)
                .put(8, (byte) 1);
    }

    private static byte[] floats(List<Float> values) {
        ByteBuffer content = ByteBuffer.allocate(4 * values.size()).order(ByteOrder.LITTLE_ENDIAN);
        values.forEach(content::putFloat);
        return content.array();
    }

    private static int number(ElementType type) {
        return switch (type) {
            case FLOAT32 -> 0;
            case FLOAT16 -> 1;
            case INT32 -> 2;
            case UINT8 -> 3;
            case INT64 -> 4;
            case STRING -> 5;
            case BOOL -> 6;
            case INT16 -> 7;
            case INT8 -> 9;
            case FLOAT64 -> 10;
            case UINT64 -> 12;
            case UINT32 -> 15;
            case UINT16 -> 16;
        };
    }
}
