// SPDX-License-Identifier: Apache-2.0
package io.edgewright.api.accelerator;

import io.edgewright.api.tensor.TensorSpec;
import java.util.List;
import java.util.Map;
import org.osgi.annotation.versioning.ConsumerType;

/** A model made ready on one accelerator. Thread-safe: slots of one session may be opened and run side by side. */
@ConsumerType
public interface ModelSession extends AutoCloseable {

    /** {@return what a run takes, in graph order} */
    List<TensorSpec> inputs();

    /** {@return what a run gives, in graph order; never empty} */
    List<TensorSpec> outputs();

    /**
     * Makes buffers for one run at a time.
     *
     * @param shapes the shape of each input whose spec is dynamic; a dynamic input left out gets 1 for each open
     *     dimension; an input with a fixed shape may be named if the shape is the same
     * @return a slot that the caller closes before the session
     * @throws InferenceException with {@code INPUT_MISMATCH} if a name or shape does not fit, or
     *     {@code DEVICE_UNAVAILABLE} if there is no memory for it
     * @throws IllegalStateException if this session is closed
     */
    Slot openSlot(Map<String, List<Long>> shapes) throws InferenceException;

    /**
     * {@return how many runs side by side make sense for this model on this device, 1 or more: more than the cores for a
     * model so small that handing over a slot would cost more than sharing the cores}
     */
    default int parallelism() {
        return Runtime.getRuntime().availableProcessors();
    }

    /** {@return an estimate of the memory that this session holds, in bytes; 0 if unknown} */
    default long memoryBytes() {
        return 0;
    }

    /**
     * {@return what else is worth knowing about this session, for people: such as how many threads it has, or which part of the
     * model its device does not run; fixed while it is open}
     */
    default Map<String, String> facts() {
        return Map.of();
    }

    /**
     * {@return true if this session, its slots among it, works on after the service of its driver was unregistered, the driver
     * was deactivated and its bundle stopped, updated or refreshed; fixed while it is open}
     *
     * <p>The runtime asks such a session until the new driver has loaded the model, so that no request waits while a driver is
     * replaced, and closes it then, or after a few seconds ({@code wait.seconds}) if none comes: only then is the device really
     * free. Of the driver itself nothing is called any more. True only if whatever a run, a cancellation and closing need has
     * been loaded by then, as a refreshed bundle gives no further classes, and if nothing that deactivation ends is among it, such
     * as threads, connections or libraries. Otherwise requests wait for the new driver, and this is closed at once.
     */
    default boolean outlivesDriver() {
        return false;
    }

    /** Frees device memory. The caller has closed all slots before. Closing twice does nothing. */
    @Override
    void close();
}
