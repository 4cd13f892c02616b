// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.cpu;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.zip.CRC32C;

/**
 * What ONNX Runtime's Java API does not tell about a model file: which inputs and outputs have an open rank, and whether
 * weights lie outside the file. Reads the wire format only as deep as that takes (field numbers: onnx.proto3 of ONNX
 * 1.19); a file that is not well-formed yields what was found until there, and ONNX Runtime says what is wrong with it.
 *
 * @param sizeBytes the size of the file
 * @param checksum CRC-32C of the file
 * @param externalData true if an initializer lies in another file
 * @param rankless inputs and outputs without a shape
 * @param others inputs and outputs that are no tensors: name to what they are; ONNX Runtime's Java API kills the process
 *     over some of them
 */
record OnnxOutline(
        long sizeBytes, long checksum, boolean externalData, Set<String> rankless, Map<String, String> others) {

    /** Fields of TypeProto. */
    private static final Map<Integer, String> KINDS =
            Map.of(4, "a sequence", 5, "a map", 8, "a sparse tensor", 9, "an optional value");

    static OnnxOutline read(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file)) {
            long size = channel.size();
            if (size > Integer.MAX_VALUE) {
                throw new IOException(
                        "the file has " + size + " bytes, expected less than 2 GiB: Protocol Buffers end there");
            }
            ByteBuffer bytes = channel.map(FileChannel.MapMode.READ_ONLY, 0, size);
            return scan(bytes);
        }
    }

    static OnnxOutline scan(ByteBuffer file) {
        var crc = new CRC32C();
        crc.update(file.duplicate());
        var scanner = new Scanner();
        scanner.model(file.duplicate().order(ByteOrder.LITTLE_ENDIAN));
        return new OnnxOutline(
                file.limit(),
                crc.getValue(),
                scanner.external,
                Set.copyOf(scanner.rankless),
                Map.copyOf(scanner.others));
    }

    /** A reader of one field after the other; stops at the first byte that makes no sense. */
    private static final class Scanner {

        private static final int LENGTH_DELIMITED = 2;
        private static final ByteBuffer EMPTY = ByteBuffer.allocate(0);

        private final Set<String> rankless = new TreeSet<>();
        private final Map<String, String> others = new TreeMap<>();
        private boolean external;
        private int field;
        private long number;
        private ByteBuffer content = EMPTY;

        void model(ByteBuffer in) {
            while (next(in)) {
                if (field == 7) {
                    graph(content);
                }
            }
        }

        private void graph(ByteBuffer in) {
            while (next(in)) {
                ByteBuffer inner = content;
                if (field == 5) {
                    initializer(inner);
                } else if (field == 11 || field == 12) {
                    valueInfo(inner);
                }
            }
        }

        private void initializer(ByteBuffer in) {
            while (next(in)) {
                external |= field == 13 || (field == 14 && number == 1);
            }
        }

        /** ValueInfoProto: name, type { tensor_type { elem_type, shape } | sequence_type | ... }. */
        private void valueInfo(ByteBuffer in) {
            String name = "";
            boolean shape = false;
            String other = "";
            while (next(in)) {
                if (field == 1) {
                    name = StandardCharsets.UTF_8.decode(content.duplicate()).toString();
                } else if (field == 2) {
                    ByteBuffer type = content;
                    while (next(type)) {
                        other = KINDS.getOrDefault(field, other);
                        shape |= field == 1 && hasShape(content);
                    }
                }
            }
            if (!other.isEmpty()) {
                others.put(name, other);
            } else if (!shape) {
                rankless.add(name);
            }
        }

        private boolean hasShape(ByteBuffer in) {
            boolean shape = false;
            while (next(in)) {
                shape |= field == 2;
            }
            return shape;
        }

        private boolean next(ByteBuffer in) {
            if (!in.hasRemaining()) {
                return false;
            }
            long tag = varint(in);
            field = (int) (tag >>> 3);
            int wire = (int) (tag & 7);
            number = 0;
            content = EMPTY;
            return switch (wire) {
                case 0 -> {
                    number = varint(in);
                    yield number != -1 || in.hasRemaining();
                }
                case 1 -> skip(in, Long.BYTES);
                case LENGTH_DELIMITED -> {
                    long length = varint(in);
                    int start = in.position();
                    boolean fits = skip(in, length);
                    if (fits) {
                        content = in.duplicate().order(ByteOrder.LITTLE_ENDIAN);
                        content.limit(in.position()).position(start);
                    }
                    yield fits;
                }
                case 5 -> skip(in, Integer.BYTES);
                default -> false;
            };
        }

        private static boolean skip(ByteBuffer in, long bytes) {
            boolean fits = bytes >= 0 && bytes <= in.remaining();
            if (fits) {
                in.position(in.position() + (int) bytes);
            }
            return fits;
        }

        /** {@return the number, or -1 where the bytes end within it} */
        private static long varint(ByteBuffer in) {
            long value = 0;
            for (int shift = 0; shift < 64 && in.hasRemaining(); shift += 7) {
                byte b = in.get();
                value |= (long) (b & 0x7F) << shift;
                if (b >= 0) {
                    return value;
                }
            }
            return -1;
        }
    }
}
