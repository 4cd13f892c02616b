// SPDX-License-Identifier: Apache-2.0
package io.edgewright.api.tensor;

import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Reads and writes NumPy's NPY files ({@code numpy.save}), versions 1.0 to 3.0, as NumPy's format description
 * {@code numpy.lib.format} lays them down.
 *
 * <p>Read: booleans, whole numbers of 8 to 64 bits and floats of 16 to 64 bits in either byte order, in C or Fortran
 * order; {@code U} and {@code S} strings, which become {@link ElementType#STRING}. Anything else (complex numbers, dates,
 * records, Python objects) is refused. Written: version 1.0, little-endian, C order; strings as {@code S}.
 */
public final class Npy {

    private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
    private static final int MAX_HEADER = 1 << 16;
    private static final Pattern DESCR = Pattern.compile("([<>|=]?)([a-zA-Z?])(\\d{0,9})");

    private Npy() {}

    /**
     * {@return the array in a file}
     *
     * @param file an NPY file that holds one array
     * @param maxBytes how many bytes the array may have
     * @throws IOException if the file could not be read, is no NPY file, is cut short or longer than its array, holds a
     *     type that no tensor has, or is larger than allowed; the message says what was expected and found
     */
    public static Tensor read(Path file, long maxBytes) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            Tensor tensor = read(in, maxBytes);
            if (in.read() >= 0) {
                throw new IOException("more bytes follow the array " + tensor + ", expected the end");
            }
            return tensor;
        } catch (IOException e) {
            throw new IOException("'" + file + "': " + e.getMessage(), e);
        }
    }

    /**
     * {@return the next array of a stream, in a direct buffer}
     *
     * @param in read to the array's end and not closed
     * @param maxBytes how many bytes the array may have
     * @throws IOException as {@link #read(Path, long)}
     */
    public static Tensor read(InputStream in, long maxBytes) throws IOException {
        var data = new DataInputStream(in);
        NpyHeader header = header(data);
        Matcher descr = DESCR.matcher(header.descr());
        if (!descr.matches()) {
            throw new IOException("NPY type '" + header.descr() + "' is malformed, expected one like '<f4'");
        }
        boolean text = descr.group(2).equals("U") || descr.group(2).equals("S");
        long width = descr.group(3).isEmpty() ? 0 : Long.parseLong(descr.group(3));
        ElementType type = text ? ElementType.STRING : type(header.descr(), descr.group(2) + width);
        long itemBytes = text ? width * (descr.group(2).equals("U") ? 4 : 1) : type.bytes();
        // a string also takes 4 bytes for its length, so that an array of empty ones is limited too
        long elements = elements(header.shape());
        long limited = Math.min(maxBytes, Integer.MAX_VALUE - 8L);
        if (elements > 0 && elements > limited / (itemBytes + (text ? 4 : 0))) {
            throw new IOException("array %s of '%s' is larger than the limit of %d bytes"
                    .formatted(header.shape(), header.descr(), limited));
        }
        boolean bigEndian = descr.group(1).equals(">")
                || (descr.group(1).equals("=") && ByteOrder.nativeOrder() == ByteOrder.BIG_ENDIAN);
        ByteOrder order = bigEndian ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
        ByteBuffer items = content(data, elements * itemBytes);
        if (header.fortranOrder() && header.shape().size() > 1) {
            items = toRowMajor(items, header.shape(), (int) itemBytes);
        }
        if (text) {
            boolean wide = descr.group(2).equals("U");
            return strings(items.order(order), header.shape(), (int) elements, (int) itemBytes, wide);
        }
        if (order != ByteOrder.nativeOrder()) {
            swap(items, type.bytes());
        }
        if (type == ElementType.BOOL) {
            for (int i = 0; i < items.limit(); i++) {
                items.put(i, (byte) (items.get(i) == 0 ? 0 : 1));
            }
        }
        return new Tensor(type, header.shape(), items);
    }

    /**
     * Writes an array to a file, which is created or replaced.
     *
     * @param file where to
     * @param tensor any; of a STRING tensor no element may end with a zero byte, as NPY could not keep it
     * @throws IOException if the file could not be written
     */
    public static void write(Path file, Tensor tensor) throws IOException {
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file))) {
            write(out, tensor);
        }
    }

    /**
     * Writes an array to a stream.
     *
     * @param out not closed
     * @param tensor as in {@link #write(Path, Tensor)}
     * @throws IOException if the stream fails
     */
    public static void write(OutputStream out, Tensor tensor) throws IOException {
        if (tensor.shape().size() > NpyHeader.MAX_RANK) {
            throw new IllegalArgumentException("tensor has " + tensor.shape().size() + " dimensions, expected at most "
                    + NpyHeader.MAX_RANK + " in an NPY file");
        }
        if (tensor.type() == ElementType.STRING) {
            byte[] items = fixedWidth(tensor);
            long width = tensor.elements() == 0 ? 1 : items.length / tensor.elements();
            out.write(header("|S" + width, tensor.shape()));
            out.write(items);
            return;
        }
        out.write(header(descr(tensor.type()), tensor.shape()));
        ByteBuffer data = tensor.data().duplicate().rewind();
        if (ByteOrder.nativeOrder() == ByteOrder.BIG_ENDIAN) {
            data = tensor.copy().data();
            swap(data, tensor.type().bytes());
        }
        var channel = Channels.newChannel(out);
        while (data.hasRemaining()) {
            channel.write(data);
        }
    }

    private static NpyHeader header(DataInputStream in) throws IOException {
        byte[] magic = in.readNBytes(MAGIC.length);
        if (!Arrays.equals(magic, MAGIC)) {
            throw new IOException(
                    "not an NPY file: it begins with " + Arrays.toString(magic) + ", expected \\x93NUMPY");
        }
        byte[] fixed = in.readNBytes(4);
        int major = fixed.length < 4 ? 0 : fixed[0];
        if (fixed.length == 4 && (major < 1 || major > 3 || fixed[1] != 0)) {
            throw new IOException("NPY version is " + major + "." + fixed[1] + ", expected 1.0, 2.0 or 3.0");
        }
        byte[] rest = in.readNBytes(major == 1 ? 0 : 2);
        if (fixed.length < 4 || (major > 1 && rest.length < 2)) {
            throw new IOException("NPY file ends within its first 12 bytes");
        }
        long length = (fixed[2] & 0xFF) | (fixed[3] & 0xFF) << 8;
        if (major > 1) {
            length |= (rest[0] & 0xFFL) << 16 | (rest[1] & 0xFFL) << 24;
        }
        if (length > MAX_HEADER) {
            throw new IOException("NPY header has " + length + " bytes, expected at most " + MAX_HEADER);
        }
        byte[] text = in.readNBytes((int) length);
        if (text.length < length) {
            throw new IOException("NPY header is cut short: %d of %d bytes".formatted(text.length, length));
        }
        return NpyHeader.parse(new String(text, major == 3 ? StandardCharsets.UTF_8 : StandardCharsets.ISO_8859_1));
    }

    private static ElementType type(String descr, String code) throws IOException {
        return switch (code) {
            case "f2" -> ElementType.FLOAT16;
            case "f4" -> ElementType.FLOAT32;
            case "f8" -> ElementType.FLOAT64;
            case "i1" -> ElementType.INT8;
            case "i2" -> ElementType.INT16;
            case "i4" -> ElementType.INT32;
            case "i8" -> ElementType.INT64;
            case "u1" -> ElementType.UINT8;
            case "u2" -> ElementType.UINT16;
            case "u4" -> ElementType.UINT32;
            case "u8" -> ElementType.UINT64;
            case "b1", "?0" -> ElementType.BOOL;
            default ->
                throw new IOException("NPY type '" + descr
                        + "' is not supported, expected f2, f4, f8, i1 to i8, u1 to u8, b1, S or U");
        };
    }

    private static String descr(ElementType type) {
        return switch (type) {
            case FLOAT16, FLOAT32, FLOAT64 -> "<f" + type.bytes();
            case INT8 -> "|i1";
            case INT16, INT32, INT64 -> "<i" + type.bytes();
            case UINT8 -> "|u1";
            case UINT16, UINT32, UINT64 -> "<u" + type.bytes();
            case BOOL -> "|b1";
            case STRING -> throw new IllegalArgumentException("STRING has a width");
        };
    }

    private static long elements(List<Long> shape) throws IOException {
        try {
            return Tensor.elements(shape);
        } catch (IllegalArgumentException e) {
            throw new IOException("NPY shape " + shape + " has too many elements", e);
        }
    }

    private static ByteBuffer content(DataInputStream in, long length) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocateDirect((int) length);
        byte[] chunk = new byte[(int) Math.min(length, 1 << 16)];
        while (buffer.hasRemaining()) {
            int read = in.read(chunk, 0, Math.min(chunk.length, buffer.remaining()));
            if (read < 0) {
                throw new IOException("NPY array is cut short: %d of %d bytes".formatted(buffer.position(), length));
            }
            buffer.put(chunk, 0, read);
        }
        return buffer.flip();
    }

    /** From the first dimension varying fastest to the last one doing so. */
    private static ByteBuffer toRowMajor(ByteBuffer source, List<Long> shape, int itemBytes) {
        ByteBuffer target = ByteBuffer.allocateDirect(source.limit());
        int rank = shape.size();
        long[] strides = new long[rank];
        long stride = itemBytes;
        for (int d = 0; d < rank; d++) {
            strides[d] = stride;
            stride *= shape.get(d);
        }
        long[] index = new long[rank];
        long from = 0;
        for (int to = 0; to < source.limit() && itemBytes > 0; to += itemBytes) {
            target.put(to, source, (int) from, itemBytes);
            for (int d = rank - 1; d >= 0; d--) {
                from += strides[d];
                if (++index[d] < shape.get(d)) {
                    break;
                }
                from -= strides[d] * index[d];
                index[d] = 0;
            }
        }
        return target;
    }

    private static void swap(ByteBuffer data, int itemBytes) {
        data.order(ByteOrder.BIG_ENDIAN);
        for (int i = 0; i < data.limit(); i += itemBytes) {
            switch (itemBytes) {
                case 2 -> data.putShort(i, Short.reverseBytes(data.getShort(i)));
                case 4 -> data.putInt(i, Integer.reverseBytes(data.getInt(i)));
                case 8 -> data.putLong(i, Long.reverseBytes(data.getLong(i)));
                default -> {
                    return;
                }
            }
        }
    }

    private static Tensor strings(ByteBuffer items, List<Long> shape, int count, int itemBytes, boolean wide)
            throws IOException {
        var bytes = new ByteArrayOutputStream();
        ByteBuffer length = ByteBuffer.allocate(4).order(ByteOrder.nativeOrder());
        for (int i = 0; i < count; i++) {
            byte[] value = wide ? unicode(items, i, itemBytes) : narrow(items, i, itemBytes);
            bytes.writeBytes(length.putInt(0, value.length).array());
            bytes.writeBytes(value);
        }
        ByteBuffer data = ByteBuffer.allocateDirect(bytes.size()).put(bytes.toByteArray());
        return new Tensor(ElementType.STRING, shape, data.flip());
    }

    private static byte[] narrow(ByteBuffer items, int item, int itemBytes) {
        int end = itemBytes;
        while (end > 0 && items.get(item * itemBytes + end - 1) == 0) {
            end--;
        }
        byte[] value = new byte[end];
        items.get(item * itemBytes, value);
        return value;
    }

    private static byte[] unicode(ByteBuffer items, int item, int itemBytes) throws IOException {
        int end = itemBytes / 4;
        int start = item * itemBytes;
        while (end > 0 && items.getInt(start + 4 * end - 4) == 0) {
            end--;
        }
        var text = new StringBuilder();
        for (int i = 0; i < end; i++) {
            int codePoint = items.getInt(start + 4 * i);
            if (!Character.isValidCodePoint(codePoint)) {
                throw new IOException(
                        "string %d holds %08x, which is no Unicode code point".formatted(item, codePoint));
            }
            text.appendCodePoint(codePoint);
        }
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] fixedWidth(Tensor tensor) {
        ByteBuffer in = tensor.data().duplicate().order(ByteOrder.nativeOrder()).rewind();
        int count = tensor.toStrings().size(); // checks the lengths
        byte[][] values = new byte[count][];
        int width = 1;
        for (int i = 0; i < count; i++) {
            values[i] = new byte[in.getInt()];
            in.get(values[i]);
            width = Math.max(width, values[i].length);
            if (values[i].length > 0 && values[i][values[i].length - 1] == 0) {
                throw new IllegalArgumentException("string " + i + " ends with a zero byte, which NPY cannot keep");
            }
        }
        if (count != tensor.elements()) {
            throw new IllegalArgumentException("tensor " + tensor + " holds " + count + " strings");
        }
        byte[] items = new byte[Math.multiplyExact(count, width)];
        for (int i = 0; i < count; i++) {
            System.arraycopy(values[i], 0, items, i * width, values[i].length);
        }
        return items;
    }

    private static byte[] header(String descr, List<Long> shape) {
        String dims = shape.stream().map(String::valueOf).collect(Collectors.joining(", "));
        String tuple = shape.size() == 1 ? dims + "," : dims;
        String text = "{'descr': '%s', 'fortran_order': False, 'shape': (%s), }".formatted(descr, tuple);
        int total = (MAGIC.length + 4 + text.length() + 1 + 63) / 64 * 64; // NumPy aligns the data to 64 bytes
        byte[] header = Arrays.copyOf(MAGIC, total);
        Arrays.fill(header, MAGIC.length, total, (byte) ' ');
        int length = total - MAGIC.length - 4;
        header[6] = 1;
        header[7] = 0;
        header[8] = (byte) length;
        header[9] = (byte) (length >> 8);
        System.arraycopy(text.getBytes(StandardCharsets.US_ASCII), 0, header, 10, text.length());
        header[total - 1] = '\n';
        return header;
    }
}
