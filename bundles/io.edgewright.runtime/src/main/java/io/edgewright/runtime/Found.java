// SPDX-License-Identifier: Apache-2.0
package io.edgewright.runtime;

import io.edgewright.api.accelerator.Accelerator;
import io.edgewright.api.accelerator.AcceleratorDriver;

/**
 * A device and the driver that found it. A driver that was updated is another driver, so its device another place.
 *
 * @param driver the driver
 * @param accelerator one of its devices
 */
record Found(AcceleratorDriver driver, Accelerator accelerator) {

    String id() {
        return accelerator.id();
    }

    /** {@return true if it is the same device of the same driver object} */
    boolean isSame(Found other) {
        return driver == other.driver && id().equals(other.id());
    }
}
