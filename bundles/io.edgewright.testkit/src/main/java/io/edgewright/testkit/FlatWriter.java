// SPDX-License-Identifier: Apache-2.0
package io.edgewright.testkit;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Writes a FlatBuffer (flatbuffers.dev, "Internals") from tables of numbered fields, each object behind the one that refers to
 * it.
 */
public final class FlatWriter {

    private ByteBuffer out = ByteBuffer.allocate(1024).order(ByteOrder.LITTLE_ENDIAN);

    private FlatWriter() {}

    /** Fields by number, of these types: Byte, Integer, Long, String, Table, {@code byte[]}, {@code int[]}, {@code long[]}, {@code float[]}, List of Table. */
    public static final class Table {

        private final TreeMap<Integer, Object> fields = new TreeMap<>();

        /** Makes a table without fields. */
        public Table() {}

        /**
         * Sets a field.
         *
         * @param number of the field in its schema
         * @param value of one of the types above
         * @return this
         */
        public Table put(int number, Object value) {
            fields.put(number, value);
            return this;
        }
    }

    /**
     * {@return the bytes of a buffer}
     *
     * @param root what everything hangs on
     * @param identifier four letters
     */
    public static byte[] write(Table root, String identifier) {
        var writer = new FlatWriter();
        writer.out.putInt(0).put(identifier.getBytes(StandardCharsets.US_ASCII));
        writer.refer(0, writer.table(root));
        return Arrays.copyOf(writer.out.array(), writer.out.position());
    }

    private int table(Table table) {
        int last = table.fields.isEmpty() ? -1 : table.fields.lastKey();
        int vtableBytes = 4 + 2 * (last + 1);
        align(8, vtableBytes);
        int vtable = reserve(vtableBytes);
        int start = reserve(4);
        out.putInt(start, start - vtable);
        int[] places = new int[last + 1];
        table.fields.forEach((number, value) -> {
            int bytes = value instanceof Byte ? 1 : value instanceof Long ? 8 : 4;
            align(bytes, 0);
            places[number] = reserve(bytes);
            out.putShort(vtable + 4 + 2 * number, (short) (places[number] - start));
        });
        out.putShort(vtable, (short) vtableBytes).putShort(vtable + 2, (short) (out.position() - start));
        table.fields.forEach((number, value) -> value(places[number], value));
        return start;
    }

    private void value(int place, Object value) {
        if (value instanceof Byte number) {
            out.put(place, number);
        } else if (value instanceof Integer number) {
            out.putInt(place, number);
        } else if (value instanceof Long number) {
            out.putLong(place, number);
        } else if (value instanceof Table table) {
            refer(place, table(table));
        } else {
            refer(place, vector(value));
        }
    }

    private int vector(Object value) {
        if (value instanceof List<?> tables) {
            align(4, 0);
            int start = reserve(4 + 4 * tables.size());
            out.putInt(start, tables.size());
            Map<Object, Integer> written = new IdentityHashMap<>(); // a table that is listed twice is written once
            for (int i = 0; i < tables.size(); i++) {
                Integer place = written.get(tables.get(i));
                int target = place == null ? table((Table) tables.get(i)) : place;
                written.put(tables.get(i), target);
                refer(start + 4 + 4 * i, target);
            }
            return start;
        }
        ByteBuffer content;
        int count;
        if (value instanceof String text) {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            content = ByteBuffer.wrap(Arrays.copyOf(bytes, bytes.length + 1));
            count = bytes.length;
        } else if (value instanceof byte[] bytes) {
            content = ByteBuffer.wrap(bytes);
            count = bytes.length;
        } else if (value instanceof int[] numbers) {
            content = ByteBuffer.allocate(4 * numbers.length).order(ByteOrder.LITTLE_ENDIAN);
            content.asIntBuffer().put(numbers);
            count = numbers.length;
        } else if (value instanceof long[] numbers) {
            content = ByteBuffer.allocate(8 * numbers.length).order(ByteOrder.LITTLE_ENDIAN);
            content.asLongBuffer().put(numbers);
            count = numbers.length;
        } else if (value instanceof float[] numbers) {
            content = ByteBuffer.allocate(4 * numbers.length).order(ByteOrder.LITTLE_ENDIAN);
            content.asFloatBuffer().put(numbers);
            count = numbers.length;
        } else {
            throw new IllegalArgumentException("no field can be a " + value.getClass());
        }
        align(16, 4); // the content, not its length, as weights want it
        int start = reserve(4 + content.limit());
        out.putInt(start, count);
        out.put(start + 4, content.array(), 0, content.limit());
        return start;
    }

    private void refer(int from, int to) {
        out.putInt(from, to - from);
    }

    /** Moves on until what comes {@code ahead} bytes later lies at a multiple. */
    private void align(int multiple, int ahead) {
        while ((out.position() + ahead) % multiple != 0) {
            reserve(1);
        }
    }

    private int reserve(int bytes) {
        int start = out.position();
        if (out.remaining() < bytes) {
            ByteBuffer larger =
                    ByteBuffer.allocate(2 * (out.capacity() + bytes)).order(ByteOrder.LITTLE_ENDIAN);
            larger.put(out.flip());
            out = larger;
        }
        out.position(start + bytes);
        return start;
    }
}
