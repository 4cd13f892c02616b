// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.torch;

import io.edgewright.api.tensor.TensorSpec;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** Writes small TorchScript files: a class {@code M} with methods as text, and whole numbers as attributes. */
final class ScriptWriter {

    private final Map<String, byte[]> entries = new LinkedHashMap<>();
    private final Map<String, Integer> attributes = new LinkedHashMap<>();
    private String before = "";

    /** {@return a module whose forward takes and returns what this text says} */
    static ScriptWriter module() {
        return new ScriptWriter();
    }

    /** {@return the whole file of a module with this forward, such as {@code x: Tensor}, {@code Tensor}, {@code return x}} */
    static byte[] forward(String arguments, String result, String... statements) {
        return module().write(arguments, result, statements);
    }

    /** {@return x -> y = x, which says so itself} */
    static byte[] identity(TensorSpec x, TensorSpec y) {
        return module().extra(DeclaredTensors.FILE, "{\"inputs\": [" + json(x) + "], \"outputs\": [" + json(y) + "]}")
                .write("x: Tensor", "Tensor", "return x");
    }

    /** Adds a whole number that the module keeps. */
    ScriptWriter attribute(String name, int value) {
        attributes.put(name, value);
        return this;
    }

    /** Adds code before the module's class. */
    ScriptWriter before(String code) {
        before = code;
        return this;
    }

    /** Adds a file, as {@code _extra_files} of {@code torch.jit.save} does. */
    ScriptWriter extra(String name, String content) {
        return entry("extra/" + name, content.getBytes(StandardCharsets.UTF_8));
    }

    /** Adds or replaces any entry. */
    ScriptWriter entry(String name, byte[] content) {
        entries.put(name, content);
        return this;
    }

    byte[] write(String arguments, String result, String... statements) {
        var code = new StringBuilder(before);
        code.append("class M(Module):\n  __parameters__ = []\n  __buffers__ = []\n  training : bool\n");
        attributes.keySet().forEach(a -> code.append("  ").append(a).append(" : int\n"));
        code.append("  def forward(self: __torch__.M")
                .append(arguments.isEmpty() ? "" : ",\n    " + arguments)
                .append(") -> ")
                .append(result)
                .append(":\n");
        for (String statement : statements) {
            code.append("    ").append(statement).append('\n');
        }
        Map<String, byte[]> all = new LinkedHashMap<>();
        all.put("data.pkl", pickle());
        all.put("code/__torch__.py", code.toString().getBytes(StandardCharsets.UTF_8));
        all.put("constants.pkl", new byte[] {(byte) 0x80, 2, ')', '.'});
        all.put("version", "3\n".getBytes(StandardCharsets.UTF_8));
        all.putAll(entries);
        return zip("m/", all);
    }

    /** {@return a zip of stored entries; each begins at a multiple of 64 bytes, as libtorch wants} */
    static byte[] zip(String folder, Map<String, byte[]> entries) {
        var bytes = new ByteArrayOutputStream();
        try (var zip = new ZipOutputStream(bytes)) {
            for (var entry : entries.entrySet()) {
                var item = new ZipEntry(folder + entry.getKey());
                item.setMethod(ZipEntry.STORED);
                item.setSize(entry.getValue().length);
                var crc = new CRC32();
                crc.update(entry.getValue());
                item.setCrc(crc.getValue());
                zip.putNextEntry(item);
                zip.write(entry.getValue());
                zip.closeEntry();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    /** Python's pickle protocol 2: the module with its attributes as a dictionary. */
    private byte[] pickle() {
        var out = new ByteArrayOutputStream();
        out.writeBytes(new byte[] {(byte) 0x80, 2});
        out.writeBytes("c__torch__\nM\n".getBytes(StandardCharsets.US_ASCII));
        out.writeBytes(new byte[] {')', (byte) 0x81, '}', '('});
        text(out, "training");
        out.write(0x89);
        attributes.forEach((name, value) -> {
            text(out, name);
            out.write('J');
            out.writeBytes(ByteBuffer.allocate(4)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putInt(value)
                    .array());
        });
        out.writeBytes(new byte[] {'u', 'b', '.'});
        return out.toByteArray();
    }

    private static void text(ByteArrayOutputStream out, String text) {
        out.write('X');
        out.writeBytes(ByteBuffer.allocate(4)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(text.length())
                .array());
        out.writeBytes(text.getBytes(StandardCharsets.US_ASCII));
    }

    private static String json(TensorSpec spec) {
        List<String> shape = spec.shape().stream().map(String::valueOf).toList();
        return "{\"name\": \"%s\", \"type\": \"%s\", \"shape\": %s}"
                .formatted(spec.name(), spec.type(), shape.stream().collect(Collectors.joining(", ", "[", "]")));
    }
}
