// SPDX-License-Identifier: Apache-2.0
package io.edgewright.onnx;

import io.edgewright.api.tensor.ElementType;
import io.edgewright.api.tensor.Tensor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/** Reads and writes single tensors in ONNX's own form: the {@code .pb} files of the ONNX test suite. */
public final class TensorProtos {

    private static final int MAX_NAME = 1 << 16;
    private static final int MAX_RANK = 64;

    /**
     * A tensor and its name.
     *
     * @param name may be empty
     * @param tensor in a direct buffer
     */
    public record Named(String name, Tensor tensor) {}

    /** What must be known before the elements can be read; fields may come in any order. */
    private static final class Head {

        private final List<Long> shape = new ArrayList<>();
        private long typeCode;
        private String name = "";
        private boolean external;
        private boolean raw;
    }

    private TensorProtos() {}

    /**
     * {@return the tensor in a file}
     *
     * @param file a TensorProto
     * @param maxBytes how many bytes the tensor may have
     * @throws IOException if the file could not be read, is no TensorProto, is of a type that {@link ElementType} lacks,
     *     refers to another file, or is larger than allowed; the message says what was expected and found
     */
    public static Named read(Path file, long maxBytes) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            return read(ProtoReader.Source.of(channel), maxBytes);
        } catch (MalformedModelException e) {
            throw new IOException("'" + file + "': " + e.getMessage(), e);
        }
    }

    /**
     * {@return the tensor in these bytes}
     *
     * @param bytes a TensorProto
     * @param maxBytes how many bytes the tensor may have
     * @throws IOException as {@link #read(Path, long)}
     */
    public static Named read(byte[] bytes, long maxBytes) throws IOException {
        return read(ProtoReader.Source.of(bytes), maxBytes);
    }

    /**
     * Writes a tensor.
     *
     * @param out not closed
     * @param name may be empty
     * @param tensor any
     * @throws IOException if the stream fails
     */
    public static void write(OutputStream out, String name, Tensor tensor) throws IOException {
        var head = new ByteArrayOutputStream();
        for (long dim : tensor.shape()) {
            varint(head, 1 << 3);
            varint(head, dim);
        }
        varint(head, 2 << 3);
        varint(head, DataType.of(tensor.type()).code());
        varint(head, 8 << 3 | 2);
        byte[] text = name.getBytes(StandardCharsets.UTF_8);
        varint(head, text.length);
        head.writeBytes(text);
        ByteBuffer data =
                tensor.data().duplicate().order(ByteOrder.nativeOrder()).rewind();
        if (tensor.type() == ElementType.STRING) {
            tensor.toStrings(); // checks the lengths
            while (data.hasRemaining()) {
                byte[] value = new byte[data.getInt()];
                data.get(value);
                varint(head, 6 << 3 | 2);
                varint(head, value.length);
                head.writeBytes(value);
            }
            head.writeTo(out);
            return;
        }
        varint(head, 9 << 3 | 2);
        varint(head, data.limit());
        head.writeTo(out);
        byte[] raw = new byte[data.limit()];
        data.get(raw);
        Weights.swapOnBigEndian(ByteBuffer.wrap(raw), tensor.type().bytes());
        out.write(raw);
    }

    private static Named read(ProtoReader.Source source, long maxBytes) throws IOException {
        Head head = head(new ProtoReader(source));
        ElementType type = DataType.of(head.typeCode)
                .flatMap(DataType::elementType)
                .orElseThrow(() -> new MalformedModelException("tensor '" + head.name + "' has element type "
                        + DataType.name(head.typeCode) + ", which is not supported"));
        if (head.external) {
            throw new MalformedModelException(
                    "tensor '" + head.name + "' keeps its data in another file, expected it in this one");
        }
        long elements = elements(head);
        int width = type == ElementType.STRING ? 4 : type.bytes();
        long limit = Math.min(maxBytes, Integer.MAX_VALUE - 8L);
        if (elements > limit / width) {
            throw new MalformedModelException("tensor '%s' is %s %s, larger than the limit of %d bytes"
                    .formatted(head.name, type, head.shape, limit));
        }
        ProtoReader in = new ProtoReader(source);
        if (type == ElementType.STRING) {
            return new Named(head.name, strings(in, head, elements, limit));
        }
        ByteBuffer data = ByteBuffer.allocateDirect((int) elements * width).order(ByteOrder.nativeOrder());
        elements(in, head, type, data);
        if (data.hasRemaining()) {
            throw new MalformedModelException("tensor '%s' is %s %s, but holds only %d of %d elements"
                    .formatted(head.name, type, head.shape, data.position() / width, elements));
        }
        return new Named(head.name, new Tensor(type, head.shape, data.flip()));
    }

    private static Head head(ProtoReader in) throws IOException {
        var head = new Head();
        for (int field = in.next(); field != 0; field = in.next()) {
            switch (field) {
                case 1 ->
                    in.numbers("TensorProto.dims", dim -> {
                        if (dim < 0 || head.shape.size() == MAX_RANK) {
                            throw new MalformedModelException("dimension %d is %d, expected at most %d of 0 or more"
                                    .formatted(head.shape.size(), dim, MAX_RANK));
                        }
                        head.shape.add(dim);
                    });
                case 2 -> head.typeCode = in.number("TensorProto.data_type");
                case 3 -> throw new MalformedModelException("it is a segment of a tensor, expected a whole one");
                case 8 -> head.name = in.text("TensorProto.name", MAX_NAME);
                case 9 -> {
                    head.raw = true;
                    in.skip();
                }
                case 14 -> head.external = in.number("TensorProto.data_location") == 1;
                default -> in.skip();
            }
        }
        return head;
    }

    private static long elements(Head head) throws IOException {
        try {
            return Tensor.elements(head.shape);
        } catch (IllegalArgumentException e) {
            throw new MalformedModelException("tensor '" + head.name + "': " + e.getMessage());
        }
    }

    private static void elements(ProtoReader in, Head head, ElementType type, ByteBuffer data) throws IOException {
        int typed = typedField(type);
        for (int field = in.next(); field != 0; field = in.next()) {
            if (field == 9) {
                in.bytes("TensorProto.raw_data", data);
                Weights.swapOnBigEndian(data, type.bytes());
            } else if (field == typed && !head.raw) {
                switch (type) {
                    case FLOAT32 -> in.fixed("TensorProto.float_data", 4, v -> put(data, type, v));
                    case FLOAT64 -> in.fixed("TensorProto.double_data", 8, v -> put(data, type, v));
                    default -> in.numbers("TensorProto data", v -> put(data, type, v));
                }
            } else {
                in.skip();
            }
        }
        if (type == ElementType.BOOL) {
            for (int i = 0; i < data.position(); i++) {
                data.put(i, (byte) (data.get(i) == 0 ? 0 : 1));
            }
        }
    }

    private static int typedField(ElementType type) {
        return switch (type) {
            case FLOAT32 -> 4;
            case FLOAT64 -> 10;
            case INT64 -> 7;
            case UINT32, UINT64 -> 11;
            case FLOAT16, INT8, INT16, INT32, UINT8, UINT16, BOOL -> 5;
            case STRING -> 6;
        };
    }

    private static void put(ByteBuffer data, ElementType type, long value) throws IOException {
        if (data.remaining() < type.bytes()) {
            throw new MalformedModelException(
                    "it holds more than the %d elements of its shape".formatted(data.limit() / type.bytes()));
        }
        boolean fits =
                switch (type) {
                    case INT8 -> value == (byte) value;
                    case INT16 -> value == (short) value;
                    case INT32 -> value == (int) value;
                    case UINT8 -> value == (value & 0xFF);
                    case UINT16 -> value == (value & 0xFFFF);
                    case FLOAT16 -> value == (value & 0xFFFF) || value == (short) value;
                    case UINT32 -> value == (value & 0xFFFF_FFFFL);
                    default -> true;
                };
        if (!fits) {
            throw new MalformedModelException(
                    "element " + data.position() / type.bytes() + " is " + value + ", which is no " + type);
        }
        switch (type.bytes()) {
            case 1 -> data.put((byte) (type == ElementType.BOOL && value != 0 ? 1 : value));
            case 2 -> data.putShort((short) value);
            case 4 -> data.putInt((int) value);
            default -> data.putLong(value);
        }
    }

    private static Tensor strings(ProtoReader in, Head head, long elements, long limit) throws IOException {
        var bytes = new ByteArrayOutputStream();
        ByteBuffer length = ByteBuffer.allocate(4).order(ByteOrder.nativeOrder());
        long count = 0;
        for (int field = in.next(); field != 0; field = in.next()) {
            if (field == 6) {
                byte[] value = in.bytes("TensorProto.string_data", Math.max(0, limit - 4 - bytes.size()));
                bytes.writeBytes(length.putInt(0, value.length).array());
                bytes.writeBytes(value);
                count++;
            } else {
                in.skip();
            }
            if (count > elements || bytes.size() > limit) {
                throw new MalformedModelException(
                        "it holds more than the %d strings or %d bytes allowed".formatted(elements, limit));
            }
        }
        if (count != elements) {
            throw new MalformedModelException(
                    "tensor '%s' is STRING %s, but holds %d strings".formatted(head.name, head.shape, count));
        }
        ByteBuffer data = ByteBuffer.allocateDirect(bytes.size()).put(bytes.toByteArray());
        return new Tensor(ElementType.STRING, head.shape, data.flip());
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
