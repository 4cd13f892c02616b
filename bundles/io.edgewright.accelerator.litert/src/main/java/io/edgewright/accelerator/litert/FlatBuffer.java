// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.litert;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Reads a FlatBuffer (flatbuffers.dev, "Internals"): little-endian; a table is a signed 32-bit distance back to its vtable and
 * inline fields; a vtable is its own size, the table's size and the place of each field, as unsigned 16-bit numbers; vectors
 * and strings are reached by unsigned 32-bit distances forward. Every access is checked, and the sum of all visits is limited:
 * distances may lead to one table again and again.
 */
final class FlatBuffer {

    private static final int MAX_STRING = 1 << 20;

    private final ByteBuffer data;
    private final int length;
    private long visitsLeft;

    /**
     * @param data the bytes from position 0 to the limit
     * @param visits the most tables and vector elements that are looked at
     */
    FlatBuffer(ByteBuffer data, long visits) {
        this.data = data.duplicate().order(ByteOrder.LITTLE_ENDIAN);
        this.length = data.limit();
        this.visitsLeft = visits;
    }

    /**
     * {@return the table that everything hangs on}
     *
     * @param identifier the four letters after the first distance
     */
    Table root(String identifier) throws MalformedException {
        if (length < 8) {
            throw new MalformedException("it has " + length + " bytes, expected 8 or more");
        }
        byte[] found = bytes(4, 4);
        if (!identifier.equals(new String(found, StandardCharsets.ISO_8859_1))) {
            throw new MalformedException("bytes 4 to 7 are '%s', expected '%s'"
                    .formatted(new String(found, StandardCharsets.ISO_8859_1).replaceAll("[^ -~]", "?"), identifier));
        }
        return table(forward(0));
    }

    private Table table(int at) throws MalformedException {
        visit(1);
        int vtable = checked((long) at - intAt(at), 4, "vtable");
        int vtableSize = shortAt(vtable);
        int size = shortAt(vtable + 2);
        if (vtableSize < 4 || vtableSize % 2 != 0 || size < 4) {
            throw new MalformedException(
                    "the vtable at byte %d says sizes %d and %d".formatted(vtable, vtableSize, size));
        }
        checked(vtable, vtableSize, "vtable");
        checked(at, size, "table");
        return new Table(at, vtable, vtableSize, size);
    }

    private void visit(long count) throws MalformedException {
        visitsLeft -= count;
        if (visitsLeft < 0) {
            throw new MalformedException("its tables refer to each other more often than any real model's do");
        }
    }

    private int forward(int at) throws MalformedException {
        long distance = intAt(at) & 0xffff_ffffL;
        if (distance == 0) {
            throw new MalformedException("the distance at byte " + at + " is 0");
        }
        return checked(at + distance, 4, "object");
    }

    private int intAt(int at) throws MalformedException {
        return data.getInt(checked(at, 4, "number"));
    }

    private int shortAt(int at) throws MalformedException {
        return data.getShort(checked(at, 2, "number")) & 0xffff;
    }

    private int checked(long at, long bytes, String what) throws MalformedException {
        if (at < 0 || bytes < 0 || at + bytes > length) {
            throw new MalformedException("a %s of %d bytes is said to lie at byte %d; the file has %d bytes"
                    .formatted(what, bytes, at, length));
        }
        return (int) at;
    }

    private byte[] bytes(int at, int count) throws MalformedException {
        byte[] copy = new byte[count];
        data.get(checked(at, count, "text"), copy);
        return copy;
    }

    /** A run of elements of one size. */
    final class Vector {

        private final int at;
        private final int size;
        private final int elementBytes;

        private Vector(int at, int size, int elementBytes) {
            this.at = at;
            this.size = size;
            this.elementBytes = elementBytes;
        }

        int size() {
            return size;
        }

        int elementBytes() {
            return elementBytes;
        }

        /** {@return the bytes of the elements, as a view} */
        ByteBuffer bytes() {
            return data.slice(at, size * elementBytes).order(ByteOrder.LITTLE_ENDIAN);
        }

        Table table(int index) throws MalformedException {
            return FlatBuffer.this.table(forward(at + 4 * index));
        }

        /** {@return the elements as numbers; floats are rounded by nobody: only for integers} */
        List<Long> integers() throws MalformedException {
            visit(size);
            List<Long> numbers = new ArrayList<>(size);
            for (int i = 0; i < size; i++) {
                int place = at + i * elementBytes;
                numbers.add(
                        switch (elementBytes) {
                            case 1 -> (long) data.get(place);
                            case 4 -> (long) data.getInt(place);
                            default -> data.getLong(place);
                        });
            }
            return numbers;
        }

        /** {@return the elements as floats} */
        float[] floats() throws MalformedException {
            visit(size);
            float[] numbers = new float[size];
            for (int i = 0; i < size; i++) {
                numbers[i] = data.getFloat(at + 4 * i);
            }
            return numbers;
        }
    }

    /** Fields by number. */
    final class Table {

        private final int at;
        private final int vtable;
        private final int vtableSize;
        private final int size;

        private Table(int at, int vtable, int vtableSize, int size) {
            this.at = at;
            this.vtable = vtable;
            this.vtableSize = vtableSize;
            this.size = size;
        }

        /** {@return how many fields the vtable has room for} */
        int fields() {
            return (vtableSize - 4) / 2;
        }

        boolean has(int field) throws MalformedException {
            return place(field, 1) != 0;
        }

        int byteOf(int field, int fallback) throws MalformedException {
            int place = place(field, 1);
            return place == 0 ? fallback : data.get(place);
        }

        int intOf(int field, int fallback) throws MalformedException {
            int place = place(field, 4);
            return place == 0 ? fallback : data.getInt(place);
        }

        long longOf(int field, long fallback) throws MalformedException {
            int place = place(field, 8);
            return place == 0 ? fallback : data.getLong(place);
        }

        Optional<Table> table(int field) throws MalformedException {
            int place = place(field, 4);
            return place == 0 ? Optional.empty() : Optional.of(FlatBuffer.this.table(forward(place)));
        }

        /** {@return the text; empty if it is absent} */
        String text(int field) throws MalformedException {
            Vector bytes = vector(field, 1);
            if (bytes.size() == 0) {
                return "";
            }
            if (bytes.size() > MAX_STRING) {
                throw new MalformedException(
                        "a text of %d bytes, expected %d or less".formatted(bytes.size(), MAX_STRING));
            }
            if (data.get(checked((long) bytes.at + bytes.size, 1, "end of a text")) != 0) {
                throw new MalformedException("the text at byte " + bytes.at + " does not end with a zero");
            }
            visit(1 + bytes.size() / 8);
            return new String(FlatBuffer.this.bytes(bytes.at, bytes.size), StandardCharsets.UTF_8);
        }

        /** {@return the elements; none if the field is absent} */
        Vector vector(int field, int elementBytes) throws MalformedException {
            int place = place(field, 4);
            if (place == 0) {
                return new Vector(0, 0, elementBytes);
            }
            int start = forward(place);
            long count = intAt(start) & 0xffff_ffffL;
            checked(start + 4L, count * elementBytes, "vector");
            visit(1);
            return new Vector(start + 4, (int) count, elementBytes);
        }

        /** {@return the tables that this field lists} */
        List<Table> tables(int field) throws MalformedException {
            Vector vector = vector(field, 4);
            visit(vector.size());
            List<Table> tables = new ArrayList<>(vector.size());
            for (int i = 0; i < vector.size(); i++) {
                tables.add(vector.table(i));
            }
            return tables;
        }

        /** Checks that every field lies within this table, whatever it is. */
        void checkFields() throws MalformedException {
            visit(fields());
            for (int i = 0; i < fields(); i++) {
                place(i, 1);
            }
        }

        private int place(int field, int bytes) throws MalformedException {
            if (field >= fields()) {
                return 0;
            }
            int offset = shortAt(vtable + 4 + 2 * field);
            if (offset == 0) {
                return 0;
            }
            if (offset < 4 || offset + bytes > size) {
                throw new MalformedException("field %d of the table at byte %d lies at %d of its %d bytes"
                        .formatted(field, at, offset, size));
            }
            return at + offset;
        }
    }
}
