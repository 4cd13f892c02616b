// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.cuda;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * A model that proves a device: a convolution (cuDNN) and a matrix product (cuBLAS), {@code c = Conv(x, w); y = MatMul(c, x)}
 * with all tensors FLOAT32 [1, 1, 2, 2] but {@code w: [1, 1, 1, 1]}. Its numbers are exact in every float format.
 */
final class ProofModel {

    static final long[] MATRIX = {1, 1, 2, 2};
    static final long[] SCALAR = {1, 1, 1, 1};

    /** Twice the square of {@link #x}. */
    static final List<Float> Y = List.of(14f, 20f, 30f, 44f);

    private static final int FLOAT = 1;
    private static final int IR_VERSION = 8;
    private static final int OPSET = 13;

    private ProofModel() {}

    static float[] x() {
        return new float[] {1, 2, 3, 4};
    }

    static float[] w() {
        return new float[] {2};
    }

    /** {@return the file; field numbers are those of onnx.proto3} */
    static byte[] bytes() {
        byte[] graph = join(
                part(1, node("Conv", List.of("x", "w"), "c")),
                part(1, node("MatMul", List.of("c", "x"), "y")),
                text(2, "proof"),
                part(11, value("x", MATRIX)),
                part(11, value("w", SCALAR)),
                part(12, value("y", MATRIX)));
        return join(number(1, IR_VERSION), part(8, join(text(1, ""), number(2, OPSET))), part(7, graph));
    }

    private static byte[] node(String operator, List<String> inputs, String output) {
        byte[] names = join(inputs.stream().map(i -> text(1, i)).toArray(byte[][]::new));
        return join(names, text(2, output), text(4, operator));
    }

    private static byte[] value(String name, long[] shape) {
        var dims = new ByteArrayOutputStream();
        for (long dim : shape) {
            dims.writeBytes(part(1, number(1, (int) dim)));
        }
        return join(text(1, name), part(2, part(1, join(number(1, FLOAT), part(2, dims.toByteArray())))));
    }

    private static byte[] text(int field, String value) {
        return part(field, value.getBytes(StandardCharsets.UTF_8));
    }

    private static byte[] part(int field, byte[] content) {
        return join(varint(field << 3 | 2), varint(content.length), content);
    }

    private static byte[] number(int field, int value) {
        return join(varint(field << 3), varint(value));
    }

    private static byte[] varint(int value) {
        var out = new ByteArrayOutputStream();
        int rest = value;
        while (rest > 0x7f) {
            out.write(rest & 0x7f | 0x80);
            rest >>>= 7;
        }
        out.write(rest);
        return out.toByteArray();
    }

    private static byte[] join(byte[]... parts) {
        var out = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            out.writeBytes(part);
        }
        return out.toByteArray();
    }
}
