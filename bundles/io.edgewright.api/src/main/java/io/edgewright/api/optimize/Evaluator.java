// SPDX-License-Identifier: Apache-2.0
package io.edgewright.api.optimize;

import io.edgewright.api.tensor.Tensor;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.osgi.annotation.versioning.ProviderType;

/**
 * Runs model files on the device that a pass works for, beside what is served there: at low priority, one run at a time.
 * One thread.
 */
@ProviderType
public interface Evaluator {

    /**
     * A model file, and how the driver is to load it.
     *
     * @param file an ONNX file, with its external data beside it
     * @param load settings of the driver, as in {@link io.edgewright.api.accelerator.LoadOptions#properties()}, and
     *     {@value Candidate#THREADS}
     */
    record Candidate(Path file, Map<String, String> load) {

        /** How many threads one run has, 1 or more: a key of {@link #load()}; absent for the driver's own choice. */
        public static final String THREADS = "threads";

        /** Copies. */
        public Candidate {
            load = Map.copyOf(load);
        }

        /**
         * {@return the file as the driver loads it by itself}
         *
         * @param file an ONNX file
         */
        public static Candidate of(Path file) {
            return new Candidate(file, Map.of());
        }
    }

    /** A model loaded on the device. One thread. */
    @ProviderType
    interface Loaded extends AutoCloseable {

        /**
         * {@return one tensor for each output, owned by the caller}
         *
         * @param inputs one tensor for each input
         * @throws OptimizationException with {@code UNSUPPORTED} if the model failed on these inputs, {@code DEVICE} if the
         *     device was lost
         */
        Map<String, Tensor> run(Map<String, Tensor> inputs) throws OptimizationException;

        /** {@return what the driver says of the session, such as its threads} */
        Map<String, String> facts();

        /** Frees it. Closing twice does nothing. */
        @Override
        void close();
    }

    /**
     * Loads a model file on the device.
     *
     * @param candidate the file
     * @return the caller closes it
     * @throws OptimizationException with {@code UNSUPPORTED} if the device does not take it, {@code DEVICE} if the device was
     *     lost, {@code RESOURCES} if memory lacks
     */
    Loaded load(Candidate candidate) throws OptimizationException;

    /**
     * Measures how long a run takes, in quiet moments; the candidates take turns, so that what else the machine does hits
     * all of them alike: compare within one answer only.
     *
     * @param candidates one or more
     * @return one for each, in their order
     * @throws OptimizationException as {@link #load}
     */
    List<Latency> latencies(List<Candidate> candidates) throws OptimizationException;

    /**
     * Compares the answers of a model with those of the original, on the calibration data.
     *
     * @param candidate the file
     * @param mostSamples how many samples to use at the most, 1 or more; they are spread over all
     * @return how far they agree
     * @throws OptimizationException as {@link #load}; with {@code NO_CALIBRATION} if there are no samples
     */
    Agreement agreement(Candidate candidate, int mostSamples) throws OptimizationException;
}
