// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.sim;

import io.edgewright.api.tensor.ElementType;
import io.edgewright.api.tensor.TensorSpec;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What a very small ONNX model says: Protocol Buffers wire format, field numbers of onnx.proto3 (ONNX 1.19).
 *
 * @param operators the operator of each node
 * @param inputs graph inputs
 * @param outputs graph outputs
 * @param constants the value of each FLOAT32 initializer that has exactly one element
 * @param metadata the model's metadata
 */
record OnnxOutline(
        List<String> operators,
        List<TensorSpec> inputs,
        List<TensorSpec> outputs,
        List<Float> constants,
        Map<String, String> metadata) {

    private static final int VARINT = 0;
    private static final int FIXED64 = 1;
    private static final int BYTES = 2;
    private static final int FIXED32 = 5;

    @FunctionalInterface
    private interface Fields {
        /** Takes one field; value is the number, or the content is in bytes. */
        void field(int number, long value, ByteBuffer bytes);
    }

    /** Reads a file; throws IllegalArgumentException that says where it broke. */
    static OnnxOutline read(byte[] file) {
        var outline = new OnnxOutline(
                new ArrayList<>(), new ArrayList<>(), new ArrayList<>(), new ArrayList<>(), new HashMap<>());
        each(ByteBuffer.wrap(file), (number, value, bytes) -> {
            if (number == 7) {
                outline.graph(bytes);
            } else if (number == 14) {
                String[] entry = {"", ""};
                each(bytes, (n, v, b) -> {
                    if (n == 1 || n == 2) {
                        entry[n - 1] = text(b);
                    }
                });
                outline.metadata.put(entry[0], entry[1]);
            }
        });
        return outline;
    }

    private void graph(ByteBuffer graph) {
        each(graph, (number, value, bytes) -> {
            switch (number) {
                case 1 ->
                    each(bytes, (n, v, b) -> {
                        if (n == 4) {
                            operators.add(text(b));
                        }
                    });
                case 5 -> constant(bytes);
                case 11 -> inputs.add(spec(bytes));
                case 12 -> outputs.add(spec(bytes));
                default -> {}
            }
        });
    }

    private void constant(ByteBuffer tensor) {
        List<Float> found = new ArrayList<>();
        long[] type = {0};
        each(tensor, (number, value, bytes) -> {
            if (number == 2) {
                type[0] = value;
            } else if (number == 9 && bytes.remaining() == Float.BYTES) {
                found.add(bytes.order(ByteOrder.LITTLE_ENDIAN).getFloat());
            }
        });
        if (type[0] == 1 && found.size() == 1) {
            constants.add(found.get(0));
        }
    }

    private static TensorSpec spec(ByteBuffer valueInfo) {
        String[] name = {""};
        long[] type = {0};
        List<Long> shape = new ArrayList<>();
        boolean[] ranked = {false};
        each(valueInfo, (number, value, bytes) -> {
            if (number == 1) {
                name[0] = text(bytes);
            } else if (number == 2) {
                each(bytes, (n, v, b) -> {
                    if (n == 1) {
                        tensorType(b, type, ranked, shape);
                    }
                });
            }
        });
        return new TensorSpec(name[0], type(type[0]), ranked[0] ? shape : TensorSpec.ANY_SHAPE);
    }

    private static void tensorType(ByteBuffer bytes, long[] type, boolean[] ranked, List<Long> shape) {
        each(bytes, (number, value, content) -> {
            if (number == 1) {
                type[0] = value;
            } else if (number == 2) {
                ranked[0] = true;
                each(content, (n, v, dim) -> {
                    if (n == 1) {
                        shape.add(dimension(dim));
                    }
                });
            }
        });
    }

    private static long dimension(ByteBuffer dim) {
        long[] size = {TensorSpec.DYNAMIC};
        each(dim, (number, value, bytes) -> {
            if (number == 1) {
                size[0] = value;
            }
        });
        return size[0];
    }

    private static ElementType type(long code) {
        return switch ((int) Math.max(0, Math.min(99, code))) {
            case 1 -> ElementType.FLOAT32;
            case 2 -> ElementType.UINT8;
            case 3 -> ElementType.INT8;
            case 4 -> ElementType.UINT16;
            case 5 -> ElementType.INT16;
            case 6 -> ElementType.INT32;
            case 7 -> ElementType.INT64;
            case 8 -> ElementType.STRING;
            case 9 -> ElementType.BOOL;
            case 10 -> ElementType.FLOAT16;
            case 11 -> ElementType.FLOAT64;
            case 12 -> ElementType.UINT32;
            case 13 -> ElementType.UINT64;
            default -> throw new IllegalArgumentException("element type " + code + " is unknown, expected 1 to 13");
        };
    }

    private static void each(ByteBuffer in, Fields fields) {
        try {
            while (in.hasRemaining()) {
                long tag = varint(in);
                int number = (int) (tag >>> 3);
                switch ((int) (tag & 7)) {
                    case VARINT -> fields.field(number, varint(in), ByteBuffer.allocate(0));
                    case FIXED64 -> in.getLong();
                    case FIXED32 -> in.getInt();
                    case BYTES -> fields.field(number, 0, bytes(in));
                    default ->
                        throw new IllegalArgumentException(
                                "wire type " + (tag & 7) + " before byte " + in.position() + ", expected 0, 1, 2 or 5");
                }
            }
        } catch (BufferUnderflowException e) {
            throw new IllegalArgumentException("a field is cut short at byte " + in.limit(), e);
        }
    }

    private static ByteBuffer bytes(ByteBuffer in) {
        long length = varint(in);
        if (length < 0 || length > in.remaining()) {
            throw new IllegalArgumentException("a field of " + length + " bytes where " + in.remaining() + " are left");
        }
        ByteBuffer content = in.slice(in.position(), (int) length);
        in.position(in.position() + (int) length);
        return content;
    }

    private static long varint(ByteBuffer in) {
        long value = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            byte b = in.get();
            value |= (long) (b & 0x7F) << shift;
            if (b >= 0) {
                return value;
            }
        }
        throw new IllegalArgumentException("a number of more than 10 bytes before byte " + in.position());
    }

    private static String text(ByteBuffer bytes) {
        return StandardCharsets.UTF_8.decode(bytes.duplicate()).toString();
    }
}
