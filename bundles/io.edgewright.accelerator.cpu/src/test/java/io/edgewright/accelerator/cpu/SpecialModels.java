// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.cpu;

import io.edgewright.api.tensor.ElementType;
import io.edgewright.api.tensor.Tensor;
import io.edgewright.api.tensor.TensorSpec;
import io.edgewright.testkit.OnnxWriter;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/** Models that no well-meaning exporter writes. */
final class SpecialModels {

    private SpecialModels() {}

    /**
     * A well-formed model whose constant part divides the smallest INT64 by -1: the processor traps, and ONNX Runtime
     * 1.29 takes the whole process with it while it folds constants.
     */
    static byte[] killer() {
        return new OnnxWriter(17)
                .input(new TensorSpec("x", ElementType.INT64, List.of(1L)))
                .output(new TensorSpec("y", ElementType.INT64, List.of(1L)))
                .initializer("a", Tensor.ofLongs(List.of(1L), Long.MIN_VALUE))
                .initializer("b", Tensor.ofLongs(List.of(1L), -1))
                .node("Div", List.of("a", "b"), List.of("q"), Map.of())
                .node("Add", List.of("x", "q"), List.of("y"), Map.of())
                .toBytes();
    }

    /** {@code x -> y = x}, both an optional sequence of tensors; every part is shorter than 128 bytes. */
    static byte[] optionalSequence() {
        byte[] tensor = part(1, number(1, 1), part(2, part(1, number(1, 5))));
        byte[] type = part(9, part(1, part(4, part(1, tensor))));
        byte[] graph = join(
                part(1, text(1, "x"), text(2, "y"), text(4, "Identity")),
                text(2, "g"),
                part(11, text(1, "x"), part(2, type)),
                part(12, text(1, "y"), part(2, type)));
        return join(number(1, 8), part(8, text(1, ""), number(2, 16)), part(7, graph));
    }

    private static byte[] text(int field, String value) {
        return part(field, value.getBytes(StandardCharsets.UTF_8));
    }

    private static byte[] number(int field, int value) {
        return new byte[] {(byte) (field << 3), (byte) value};
    }

    private static byte[] part(int field, byte[]... contents) {
        byte[] content = join(contents);
        return join(new byte[] {(byte) (field << 3 | 2), (byte) content.length}, content);
    }

    private static byte[] join(byte[]... parts) {
        var out = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            out.writeBytes(part);
        }
        return out.toByteArray();
    }
}
