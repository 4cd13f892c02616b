// SPDX-License-Identifier: Apache-2.0
package io.edgewright.api.accelerator;

import io.edgewright.api.tensor.InputTensors;
import io.edgewright.api.tensor.OutputTensors;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * One set of input and output buffers of a {@link ModelSession}, reused from run to run. One thread at a time, but for
 * {@link #cancel}.
 */
@ConsumerType
public interface Slot extends InputTensors, OutputTensors, AutoCloseable {

    /**
     * Runs the model once over the bound buffers, on the calling thread. Allocates nothing that the engine does not
     * force it to.
     *
     * @param deadline until when the answer is of use; a driver that can pass it on does; the caller watches the time and
     *     calls {@link #cancel}
     * @throws InferenceException with {@code DEVICE_UNAVAILABLE} if the device is lost (the run may be repeated
     *     elsewhere), {@code DEADLINE_EXCEEDED} if it was cut off, {@code EXECUTION_FAILED} if the model failed on these
     *     inputs
     * @throws IllegalStateException if this slot or its session is closed
     */
    void run(Deadline deadline) throws InferenceException;

    /**
     * Asks the run in progress to end soon with {@code DEADLINE_EXCEEDED}. From any thread; never after {@link #close}.
     * Does nothing if no run is in progress or the device cannot. The slot can be used again afterwards.
     */
    default void cancel() {}

    /** Frees the buffers. Closing twice does nothing. */
    @Override
    void close();
}
