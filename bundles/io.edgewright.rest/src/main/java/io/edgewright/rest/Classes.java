// SPDX-License-Identifier: Apache-2.0
package io.edgewright.rest;

import io.edgewright.api.tensor.ElementType;
import io.edgewright.api.tensor.HalfFloats;
import io.edgewright.api.tensor.Tensor;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/** The classification extension: the highest values of an output as {@code value:index[:label]}. */
final class Classes {

    private record Entry(double value, String shown, int index) {}

    private Classes() {}

    /**
     * {@return a BYTES tensor {@code [batch, classes]}, or {@code [classes]} for an output of one dimension}
     *
     * @param output of a numeric type; with two or more dimensions the first is the batch
     * @param classes how many at the most
     * @param labels the class names; may be fewer than classes
     */
    static TensorData highest(TensorData output, int classes, List<String> labels) {
        List<Long> shape = output.shape();
        boolean batched = shape.size() >= 2;
        long rows = batched ? shape.get(0) : 1;
        long width = rows == 0 ? 0 : Tensor.elements(shape) / rows;
        int count = (int) Math.min(classes, width);
        ByteBuffer in = output.buffer();
        List<String> found = new ArrayList<>();
        for (long row = 0; row < rows; row++) {
            for (Entry entry : highest(output.type(), in, (int) width, count)) {
                String label = entry.index() < labels.size() ? ":" + labels.get(entry.index()) : "";
                found.add(entry.shown() + ":" + entry.index() + label);
            }
        }
        List<Long> to = batched ? List.of(rows, (long) count) : List.of((long) count);
        ByteBuffer data = Tensor.ofStrings(to, found).data();
        byte[] bytes = new byte[data.limit()];
        data.get(0, bytes);
        return new TensorData(output.name(), ElementType.STRING, to, bytes, 0, bytes.length);
    }

    private static List<Entry> highest(ElementType type, ByteBuffer in, int width, int count) {
        Comparator<Entry> order =
                Comparator.comparingDouble(Entry::value).thenComparing(Entry::index, Comparator.reverseOrder());
        var best = new PriorityQueue<Entry>(Math.max(1, count), order);
        for (int i = 0; i < width; i++) {
            Entry entry = next(type, in, i);
            if (best.size() < count) {
                best.add(entry);
            } else if (count > 0 && order.compare(entry, best.element()) > 0) {
                best.remove();
                best.add(entry);
            }
        }
        return best.stream().sorted(order.reversed()).toList();
    }

    private static Entry next(ElementType type, ByteBuffer in, int index) {
        return switch (type) {
            case FLOAT32 -> real(in.getFloat(), index);
            case FLOAT16 -> real(HalfFloats.toFloat(in.getShort()), index);
            case FLOAT64 -> {
                double value = in.getDouble();
                yield new Entry(value, Double.toString(value), index);
            }
            case INT8 -> whole(in.get(), index);
            case UINT8 -> whole(in.get() & 0xff, index);
            case INT16 -> whole(in.getShort(), index);
            case UINT16 -> whole(in.getShort() & 0xffff, index);
            case INT32 -> whole(in.getInt(), index);
            case UINT32 -> whole(in.getInt() & 0xffff_ffffL, index);
            case INT64 -> whole(in.getLong(), index);
            case UINT64 -> {
                String value = Long.toUnsignedString(in.getLong());
                yield new Entry(Double.parseDouble(value), value, index);
            }
            case BOOL, STRING -> throw new IllegalArgumentException(type + " cannot be classified");
        };
    }

    private static Entry real(float value, int index) {
        return new Entry(value, Float.toString(value), index);
    }

    private static Entry whole(long value, int index) {
        return new Entry(value, Long.toString(value), index);
    }
}
