// SPDX-License-Identifier: Apache-2.0
package io.edgewright.api.isolation;

import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.accelerator.LoadOptions;
import io.edgewright.api.accelerator.ModelSession;
import io.edgewright.api.model.ModelFile;
import java.util.Map;
import org.osgi.annotation.versioning.ProviderType;

/**
 * Runs engines in processes of their own; a service. A process ends with its last session, with this process, or when it
 * exceeds its limits. Thread-safe; every call may take seconds.
 */
@ProviderType
public interface Isolation {

    /**
     * Starts an engine in a process of its own, to see whether its libraries load, and ends it.
     *
     * @param engine what to start
     * @return what {@link Engine#start} found
     * @throws InferenceException with {@code DEVICE_UNAVAILABLE} if it cannot start; the message says whether it crashed, took
     *     too long, or what the engine itself said
     */
    Map<String, String> start(EngineSpec engine) throws InferenceException;

    /**
     * Tries a model of unknown origin: loads it and runs it once on made-up inputs in a process of its own. Verdicts are kept
     * on disk by model and fingerprint, so that a model pays once. A model that the engine refuses with an error is harmless:
     * it passes, and the driver gets the same error.
     *
     * @param engine what to try it with
     * @param model the model
     * @param device the id of the device within the engine; empty if there is one
     * @throws InferenceException with {@code MODEL_INVALID} if the model kills the process or exceeds its limits, or
     *     {@code DEVICE_UNAVAILABLE} if no process could be started and settings forbid to go on without
     */
    void vet(EngineSpec engine, ModelFile model, String device) throws InferenceException;

    /**
     * Loads a model in a process of its own, and keeps it there. A crash or a hang costs the runs in progress, which fail with
     * {@code DEVICE_UNAVAILABLE} or {@code DEADLINE_EXCEEDED}; {@link io.edgewright.api.accelerator.Slot#cancel} ends a run
     * that hangs by ending the process, if the engine does not end it in time. A session whose process has ended stays lost: the
     * runtime loads the model again. Sessions of equal specs share a process; a driver that wants one for each model makes
     * the specs differ, say by a setting.
     *
     * @param engine what to load it with
     * @param model held open by the caller until the session is closed
     * @param device the id of the device within the engine; empty if there is one
     * @param options how it will be used
     * @return a session whose tensors are shared memory; the caller closes it
     * @throws InferenceException as {@link io.edgewright.api.accelerator.AcceleratorDriver#load}
     */
    ModelSession open(EngineSpec engine, ModelFile model, String device, LoadOptions options) throws InferenceException;
}
