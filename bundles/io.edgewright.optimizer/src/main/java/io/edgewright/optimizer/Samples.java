// SPDX-License-Identifier: Apache-2.0
package io.edgewright.optimizer;

import io.edgewright.api.optimize.OptimizationException;
import io.edgewright.api.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Sample inputs in an order that stays. Thread-safe. */
interface Samples {

    /** No label. */
    int UNKNOWN = -1;

    /** {@return how many there are} */
    int size();

    /** {@return SHA-256 of all that makes them, labels included} */
    String digest();

    /** {@return the right class of a sample; {@link #UNKNOWN} if nobody said} */
    int label(int index);

    /** {@return one map of all inputs each; to be closed; what goes wrong on the way is an {@link UnreadableSample}} */
    Stream<Map<String, Tensor>> stream();

    /** A sample that cannot be read. */
    final class UnreadableSample extends RuntimeException {

        private static final long serialVersionUID = 1L;

        UnreadableSample(String message, Throwable cause) {
            super(message, cause);
        }

        OptimizationException toOptimizationException() {
            return new OptimizationException(
                    OptimizationException.Reason.NO_CALIBRATION, String.valueOf(getMessage()), this);
        }
    }

    /** {@return some of these} */
    default Samples only(int... indices) {
        return new Chosen(this, IntStream.of(indices).boxed().toList());
    }

    /** {@return at most that many of these, spread over all} */
    default Samples atMost(int most) {
        return size() <= most ? this : only(spread(size(), most));
    }

    /** {@return that many indices below {@code size}, ascending and evenly spread} */
    static int[] spread(int size, int count) {
        return IntStream.range(0, count)
                .map(i -> (int) ((long) i * size / count))
                .toArray();
    }

    /**
     * Some of other samples.
     *
     * @param all the others
     * @param indices ascending
     */
    record Chosen(Samples all, List<Integer> indices) implements Samples {

        @Override
        public int size() {
            return indices.size();
        }

        @Override
        public String digest() {
            return Digests.ofText(all.digest() + indices);
        }

        @Override
        public int label(int index) {
            return all.label(indices.get(index));
        }

        @Override
        public Stream<Map<String, Tensor>> stream() {
            int[] next = {0, 0}; // of all, and of the chosen
            return all.stream()
                    .limit(indices.isEmpty() ? 0 : indices.get(indices.size() - 1) + 1L)
                    .filter(sample -> {
                        boolean wanted = indices.get(next[1]) == next[0]++;
                        next[1] += wanted ? 1 : 0;
                        return wanted;
                    });
        }
    }

    /**
     * Samples that are in memory.
     *
     * @param inputs one map of all inputs each
     * @param digest of all of them
     */
    record Held(List<Map<String, Tensor>> inputs, String digest) implements Samples {

        /** Copies the list. */
        public Held {
            inputs = List.copyOf(inputs);
        }

        /** {@return samples whose digest is made of their content} */
        static Held of(List<Map<String, Tensor>> inputs) {
            List<String> parts = new ArrayList<>();
            for (Map<String, Tensor> sample : inputs) {
                sample.entrySet().stream()
                        .sorted(Map.Entry.comparingByKey())
                        .forEach(e -> parts.add(e.getKey()
                                + e.getValue()
                                + Digests.of(e.getValue().data().duplicate().rewind())));
            }
            return new Held(inputs, Digests.ofText(parts.toString()));
        }

        @Override
        public int size() {
            return inputs.size();
        }

        @Override
        public int label(int index) {
            return UNKNOWN;
        }

        @Override
        public Stream<Map<String, Tensor>> stream() {
            return inputs.stream();
        }
    }
}
