// SPDX-License-Identifier: Apache-2.0
package io.edgewright.api.isolation;

import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.accelerator.LoadOptions;
import io.edgewright.api.accelerator.ModelSession;
import io.edgewright.api.model.ModelFile;
import java.util.Map;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * The part of a driver that touches native code, apart from everything that needs a framework: so that the same code runs
 * here or in a process of its own. An implementation has a constructor without parameters, of any visibility, and uses the
 * JDK, the API, the library bundles and classes of its own bundle only. Thread-safe.
 */
@ConsumerType
public interface Engine extends AutoCloseable {

    /**
     * Loads libraries and looks for devices. Called once, before anything else.
     *
     * @param settings those of the {@link EngineSpec}
     * @return what was found, for the driver to read: short texts under keys of its own
     * @throws InferenceException with {@code DEVICE_UNAVAILABLE} if it cannot work here; the message says what to install
     */
    Map<String, String> start(Map<String, String> settings) throws InferenceException;

    /**
     * Makes a model ready, as a driver's {@code load} does.
     *
     * @param model held open by the caller until the session is closed
     * @param device the id of the device within this engine; empty if there is one
     * @param options how it will be used
     * @return a session that the caller closes
     * @throws InferenceException as {@link io.edgewright.api.accelerator.AcceleratorDriver#load}
     */
    ModelSession load(ModelFile model, String device, LoadOptions options) throws InferenceException;

    /** Frees what {@link #start} took. All sessions are closed before. Closing twice does nothing. */
    @Override
    default void close() {}
}
