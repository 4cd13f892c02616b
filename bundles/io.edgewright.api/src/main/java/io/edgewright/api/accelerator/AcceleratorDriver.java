// SPDX-License-Identifier: Apache-2.0
package io.edgewright.api.accelerator;

import io.edgewright.api.model.ModelFile;
import java.util.List;
import java.util.Optional;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * Finds accelerators of one technology and loads models on them; a service. When the service is unregistered the runtime
 * calls no method of it any more, moves its models to the next device, and closes their sessions. That is done before
 * unregistering returns, or at the latest 3 s after that began; sessions that {@linkplain ModelSession#outlivesDriver outlive
 * their driver} may be asked some seconds longer. A driver whose devices come and go calls every {@link AcceleratorListener} service after
 * a change. Thread-safe.
 */
@ConsumerType
public interface AcceleratorDriver {

    /** {@return a short name such as {@code cpu} or {@code openvino}; unique on the gateway} */
    String name();

    /** {@return the devices present now; cheap: a cached list, replaced when a rescan finds a change} */
    List<Accelerator> accelerators();

    /** {@return why there is no device, and what to install or plug in; empty while {@link #accelerators()} has one} */
    default Optional<String> unavailable() {
        return Optional.empty();
    }

    /**
     * Looks again for devices: hardware may have come or gone. Called from time to time, when device nodes come or go and
     * when an operator asks for it, on a thread that serves this driver only; cheap if nothing changed, may block briefly.
     * {@link #accelerators()} is asked afterwards, so listeners need not be told. A driver that knows of changes by itself
     * needs none of it.
     */
    default void rescan() {}

    /**
     * Makes a model ready to run. May take seconds and much memory; called on a background thread.
     *
     * @param model held open by the caller until the session is closed
     * @param device one of {@link #accelerators()}
     * @param options how it will be used
     * @return a session that the caller closes
     * @throws InferenceException with {@code MODEL_INVALID}, {@code MODEL_UNSUPPORTED} or {@code DEVICE_UNAVAILABLE}
     */
    ModelSession load(ModelFile model, Accelerator device, LoadOptions options) throws InferenceException;
}
