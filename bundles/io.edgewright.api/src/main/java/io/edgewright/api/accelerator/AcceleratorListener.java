// SPDX-License-Identifier: Apache-2.0
package io.edgewright.api.accelerator;

import org.osgi.annotation.versioning.ConsumerType;

/** A service that is told when a driver's devices changed. */
@ConsumerType
public interface AcceleratorListener {

    /**
     * Devices of a driver came or went. Called on the driver's thread: return at once.
     *
     * @param driver the driver whose devices changed
     */
    void acceleratorsChanged(AcceleratorDriver driver);
}
