// SPDX-License-Identifier: Apache-2.0
package io.edgewright.api.inference;

import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.tensor.InputTensors;
import java.util.List;
import java.util.Map;
import org.osgi.annotation.versioning.ConsumerType;

/** Fills the inputs of one inference, straight into the engine's buffers. */
@ConsumerType
@FunctionalInterface
public interface InputWriter {

    /**
     * Fills every input. Called on the thread that called {@code predict}; called again, with other buffers, if the
     * device is lost during the run or a shadow version wants the same inputs.
     *
     * @param inputs the buffers; valid only during this call
     * @throws InferenceException with {@code INPUT_MISMATCH} if the data does not fit
     */
    void write(InputTensors inputs) throws InferenceException;

    /** {@return the shape of each dynamic input; those left out get 1 for each open dimension} */
    default Map<String, List<Long>> shapes() {
        return Map.of();
    }
}
