// SPDX-License-Identifier: Apache-2.0
package io.edgewright.api.tensor;

import org.osgi.annotation.versioning.ConsumerType;

/** The outputs of one inference, to be read. One thread at a time. */
@ConsumerType
public interface OutputTensors {

    /**
     * {@return the buffer of this output; valid until the next run on the same buffers or their closing; copy what must
     * last longer}
     *
     * @param name one of the model's outputs
     * @throws IllegalArgumentException if the model has no such output; the message lists those it has
     */
    Tensor output(String name);
}
