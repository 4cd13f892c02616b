// SPDX-License-Identifier: Apache-2.0
package io.edgewright.pass.quantize;

import java.nio.FloatBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** What values of a model were like while it ran over samples. No value is kept. Not thread-safe. */
final class Observation {

    private final Map<String, Histogram> histograms = new HashMap<>();
    private final Map<String, ChannelMeans> means = new HashMap<>();
    private final Map<String, Integer> channelAxes;

    /** @param channelAxes along which axis the channels lie, for values whose means are wanted; -1 is the last one */
    Observation(Map<String, Integer> channelAxes) {
        this.channelAxes = Map.copyOf(channelAxes);
    }

    void add(String value, FloatBuffer elements, long[] shape) {
        histograms.computeIfAbsent(value, v -> new Histogram()).add(elements);
        Integer axis = channelAxes.get(value);
        if (axis != null && shape.length > 0) {
            means.computeIfAbsent(value, v -> new ChannelMeans()).add(elements, shape, axis);
        }
    }

    /** {@return what was seen of a value; empty if it was never a FLOAT32 tensor with elements} */
    Optional<Histogram> histogram(String value) {
        return Optional.ofNullable(histograms.get(value)).filter(h -> h.total() + h.notFinite() > 0);
    }

    /** {@return the mean of each channel; empty if it is not known} */
    Optional<double[]> channelMeans(String value) {
        return Optional.ofNullable(means.get(value)).flatMap(ChannelMeans::means);
    }

    /** Means along one axis. */
    private static final class ChannelMeans {

        private double[] sums = {};
        private long count; // of elements in each channel
        private boolean changing;

        void add(FloatBuffer elements, long[] shape, int axis) {
            int at = axis < 0 ? shape.length - 1 : Math.min(axis, shape.length - 1);
            int channels = (int) shape[at];
            if (count == 0) {
                sums = new double[channels];
            }
            changing |= channels != sums.length || channels == 0;
            if (changing) {
                return;
            }
            int inner = 1;
            for (int i = at + 1; i < shape.length; i++) {
                inner *= (int) shape[i];
            }
            int start = elements.position();
            for (int i = start; i < elements.limit(); i++) {
                sums[(i - start) / inner % channels] += elements.get(i);
            }
            count += (elements.limit() - start) / channels;
        }

        Optional<double[]> means() {
            if (changing || count == 0) {
                return Optional.empty();
            }
            double[] means = sums.clone();
            for (int i = 0; i < means.length; i++) {
                means[i] /= count;
            }
            return Optional.of(means);
        }
    }
}
