// SPDX-License-Identifier: Apache-2.0
package io.edgewright.onnx;

import io.edgewright.api.tensor.Tensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.util.List;

/**
 * The elements of a tensor most of which are zero: those that are not, and where they are. It is expanded when all are asked for.
 *
 * @param values the elements that are there, little-endian
 * @param places of each the index among all elements, row-major, ascending; INT64, little-endian
 * @param width bytes of an element
 * @param length bytes of all elements
 */
record SparseBytes(Bytes values, Bytes places, int width, long length) implements Bytes {

    /** A small file may claim any size. */
    private static final long LARGEST_EXPANDED = 1L << 30;

    private static final int PLACE_WIDTH = Long.BYTES;

    /**
     * {@return the elements of a SparseTensorProto (ONNX's IR specification)}
     *
     * @param values [n]
     * @param indices [n] among all elements, or [n, rank]; ascending
     * @param shape of the tensor
     * @throws IllegalArgumentException if they do not fit together
     */
    static SparseBytes of(Weights values, Weights indices, List<Long> shape) {
        long count = values.elements();
        int rank = shape.size();
        boolean each = indices.shape().equals(List.of(count, (long) rank));
        if (values.shape().size() != 1 || values.type().bits() < 8) {
            throw new IllegalArgumentException(
                    "its values are " + values + ", expected one dimension and a type of whole bytes");
        }
        if (indices.type() != DataType.INT64 || !each && !indices.shape().equals(List.of(count))) {
            throw new IllegalArgumentException(
                    "its indices are %s, expected INT64 [%d] or [%d, %d]".formatted(indices, count, count, rank));
        }
        long elements = Tensor.elements(shape);
        ByteBuffer from = indices.bytes();
        ByteBuffer places = ByteBuffer.allocate(each ? Math.toIntExact(count * PLACE_WIDTH) : 0)
                .order(ByteOrder.LITTLE_ENDIAN);
        long last = -1;
        for (long i = 0; i < count; i++) {
            long place = each ? place(from, shape) : from.getLong();
            if (place <= last || place >= elements) {
                throw new IllegalArgumentException("its index %d is %d, expected more than %d and less than %d"
                        .formatted(i, place, last, elements));
            }
            if (each) {
                places.putLong(place);
            }
            last = place;
        }
        Bytes linear = each ? new Bytes.InMemory(places.flip()) : indices.data();
        return new SparseBytes(
                values.data(), linear, values.type().bits() / 8, values.type().bytes(elements));
    }

    private static long place(ByteBuffer indices, List<Long> shape) {
        long place = 0;
        for (long size : shape) {
            long index = indices.getLong();
            if (index < 0 || index >= size) {
                throw new IllegalArgumentException("an index is %d, expected 0 to %d".formatted(index, size - 1));
            }
            place = place * size + index;
        }
        return place;
    }

    /** {@return elements without those whose bits are all 0} */
    static SparseBytes compress(ByteBuffer all, int width) {
        int count = 0;
        for (int at = 0; at < all.limit(); at += width) {
            count += isZero(all, at, width) ? 0 : 1;
        }
        ByteBuffer values = ByteBuffer.allocate(count * width);
        ByteBuffer places =
                ByteBuffer.allocate(Math.multiplyExact(count, PLACE_WIDTH)).order(ByteOrder.LITTLE_ENDIAN);
        for (int at = 0; at < all.limit(); at += width) {
            if (!isZero(all, at, width)) {
                values.put(all.slice(at, width));
                places.putLong(at / width);
            }
        }
        return new SparseBytes(
                new Bytes.InMemory(values.flip()), new Bytes.InMemory(places.flip()), width, all.limit());
    }

    private static boolean isZero(ByteBuffer all, int at, int width) {
        for (int i = 0; i < width; i++) {
            if (all.get(at + i) != 0) {
                return false;
            }
        }
        return true;
    }

    long count() {
        return places.length() / PLACE_WIDTH;
    }

    long storedLength() {
        return values.length() + places.length();
    }

    @Override
    public ByteBuffer get() throws IOException {
        if (length > LARGEST_EXPANDED) {
            throw new IOException(
                    "a sparse tensor takes %d bytes, expected at most %d".formatted(length, LARGEST_EXPANDED));
        }
        ByteBuffer all = ByteBuffer.allocate((int) length);
        ByteBuffer from = values.get();
        ByteBuffer at = places.get().order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; at.hasRemaining(); i++) {
            all.put(Math.toIntExact(at.getLong() * width), from, i * width, width);
        }
        return all.asReadOnlyBuffer();
    }

    @Override
    public void writeTo(FileChannel out) throws IOException {
        new Bytes.InMemory(get()).writeTo(out);
    }
}
