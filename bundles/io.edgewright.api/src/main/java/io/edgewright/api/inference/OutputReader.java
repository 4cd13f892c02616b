// SPDX-License-Identifier: Apache-2.0
package io.edgewright.api.inference;

import io.edgewright.api.tensor.OutputTensors;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * Reads the outputs of one inference, straight from the engine's buffers.
 *
 * @param <R> what it makes of them
 */
@ConsumerType
@FunctionalInterface
public interface OutputReader<R> {

    /**
     * {@return what the caller of {@code predict} gets}
     *
     * @param outputs the buffers; valid only during this call
     */
    R read(OutputTensors outputs);
}
