// SPDX-License-Identifier: Apache-2.0
package io.edgewright.testkit;

import io.edgewright.api.tensor.ElementType;
import io.edgewright.api.tensor.Tensor;
import io.edgewright.api.tensor.TensorSpec;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/**
 * Writes small ONNX models for tests, straight to the wire format (field numbers: onnx.proto3 of ONNX 1.19; encoding:
 * Protocol Buffers wire format). Not thread-safe.
 */
public final class OnnxWriter {

    private final ByteArrayOutputStream graph = new ByteArrayOutputStream();
    private final ByteArrayOutputStream model = new ByteArrayOutputStream();
    private final long opset;
    private int nodes;

    /**
     * Begins a model.
     *
     * @param opset the version of the default operator set, such as 17
     */
    public OnnxWriter(long opset) {
        this.opset = opset;
        text(graph, 2, "test");
    }

    /**
     * Adds a graph input.
     *
     * @param spec a dynamic dimension becomes the symbol {@code d<index>}
     * @return this
     */
    public OnnxWriter input(TensorSpec spec) {
        bytes(graph, 11, valueInfo(spec));
        return this;
    }

    /**
     * Adds a graph output.
     *
     * @param spec as for {@link #input}
     * @return this
     */
    public OnnxWriter output(TensorSpec spec) {
        bytes(graph, 12, valueInfo(spec));
        return this;
    }

    /**
     * Adds an initializer.
     *
     * @param name its name
     * @param value any type but STRING
     * @return this
     */
    public OnnxWriter initializer(String name, Tensor value) {
        bytes(graph, 5, tensor(name, value));
        return this;
    }

    /**
     * Adds an initializer whose bytes lie in another file.
     *
     * @param name its name
     * @param spec type and shape
     * @param location the file as the model names it; may point outside on purpose
     * @return this
     */
    public OnnxWriter externalInitializer(String name, TensorSpec spec, String location) {
        var out = new ByteArrayOutputStream();
        spec.shape().forEach(d -> number(out, 1, d));
        number(out, 2, code(spec.type()));
        text(out, 8, name);
        var entry = new ByteArrayOutputStream();
        text(entry, 1, "location");
        text(entry, 2, location);
        bytes(out, 13, entry.toByteArray());
        number(out, 14, 1);
        bytes(graph, 5, out.toByteArray());
        return this;
    }

    /**
     * Adds a node.
     *
     * @param operator such as {@code Relu}
     * @param inputs names
     * @param outputs names
     * @param attributes Long (INT), Float (FLOAT), String (STRING) or List of Long (INTS) values
     * @return this
     */
    public OnnxWriter node(String operator, List<String> inputs, List<String> outputs, Map<String, Object> attributes) {
        var out = new ByteArrayOutputStream();
        inputs.forEach(i -> text(out, 1, i));
        outputs.forEach(o -> text(out, 2, o));
        text(out, 3, "n" + nodes++);
        text(out, 4, operator);
        attributes.forEach((name, value) -> bytes(out, 5, attribute(name, value)));
        bytes(graph, 1, out.toByteArray());
        return this;
    }

    /**
     * Adds an entry to the model's metadata.
     *
     * @param key its key
     * @param value its value
     * @return this
     */
    public OnnxWriter metadata(String key, String value) {
        var out = new ByteArrayOutputStream();
        text(out, 1, key);
        text(out, 2, value);
        bytes(model, 14, out.toByteArray());
        return this;
    }

    /** {@return the model file's bytes} */
    public byte[] toBytes() {
        var out = new ByteArrayOutputStream();
        number(out, 1, 8); // IR version
        text(out, 2, "edgewright-testkit");
        var set = new ByteArrayOutputStream();
        text(set, 1, "");
        number(set, 2, opset);
        bytes(out, 8, set.toByteArray());
        bytes(out, 7, graph.toByteArray());
        out.writeBytes(model.toByteArray());
        return out.toByteArray();
    }

    /**
     * {@return a serialized TensorProto, the content of the {@code .pb} files of the ONNX test suite}
     *
     * @param name the tensor's name
     * @param value any type but STRING
     */
    public static byte[] tensor(String name, Tensor value) {
        var out = new ByteArrayOutputStream();
        value.shape().forEach(d -> number(out, 1, d));
        number(out, 2, code(value.type()));
        text(out, 8, name);
        ByteBuffer data = value.data().duplicate().rewind();
        byte[] raw = new byte[data.remaining()];
        data.get(raw);
        bytes(out, 9, raw);
        return out.toByteArray();
    }

    private static byte[] attribute(String name, Object value) {
        var out = new ByteArrayOutputStream();
        text(out, 1, name);
        if (value instanceof Long i) {
            number(out, 3, i);
            number(out, 20, 2);
        } else if (value instanceof Float f) {
            varint(out, 2L << 3 | 5);
            int bits = Float.floatToIntBits(f);
            for (int shift = 0; shift < 32; shift += 8) {
                out.write(bits >>> shift);
            }
            number(out, 20, 1);
        } else if (value instanceof String s) {
            text(out, 4, s);
            number(out, 20, 3);
        } else if (value instanceof List<?> list) {
            list.forEach(i -> number(out, 8, (Long) i));
            number(out, 20, 7);
        } else {
            throw new IllegalArgumentException("attribute '" + name + "' is a " + value.getClass()
                    + ", expected Long, Float, String or List of Long");
        }
        return out.toByteArray();
    }

    private static byte[] valueInfo(TensorSpec spec) {
        var tensor = new ByteArrayOutputStream();
        number(tensor, 1, code(spec.type()));
        if (!spec.shape().equals(TensorSpec.ANY_SHAPE)) {
            var shape = new ByteArrayOutputStream();
            for (int i = 0; i < spec.shape().size(); i++) {
                var dim = new ByteArrayOutputStream();
                if (spec.shape().get(i) == TensorSpec.DYNAMIC) {
                    text(dim, 2, "d" + i);
                } else {
                    number(dim, 1, spec.shape().get(i));
                }
                bytes(shape, 1, dim.toByteArray());
            }
            bytes(tensor, 2, shape.toByteArray());
        }
        var type = new ByteArrayOutputStream();
        bytes(type, 1, tensor.toByteArray());
        var out = new ByteArrayOutputStream();
        text(out, 1, spec.name());
        bytes(out, 2, type.toByteArray());
        return out.toByteArray();
    }

    private static long code(ElementType type) {
        return switch (type) {
            case FLOAT32 -> 1;
            case UINT8 -> 2;
            case INT8 -> 3;
            case UINT16 -> 4;
            case INT16 -> 5;
            case INT32 -> 6;
            case INT64 -> 7;
            case STRING -> 8;
            case BOOL -> 9;
            case FLOAT16 -> 10;
            case FLOAT64 -> 11;
            case UINT32 -> 12;
            case UINT64 -> 13;
        };
    }

    private static void number(ByteArrayOutputStream out, int field, long value) {
        varint(out, (long) field << 3);
        varint(out, value);
    }

    private static void text(ByteArrayOutputStream out, int field, String value) {
        bytes(out, field, value.getBytes(StandardCharsets.UTF_8));
    }

    private static void bytes(ByteArrayOutputStream out, int field, byte[] value) {
        varint(out, (long) field << 3 | 2);
        varint(out, value.length);
        out.writeBytes(value);
    }

    private static void varint(ByteArrayOutputStream out, long value) {
        long rest = value;
        while ((rest & ~0x7FL) != 0) {
            out.write((int) (rest & 0x7F | 0x80));
            rest >>>= 7;
        }
        out.write((int) rest);
    }
}
