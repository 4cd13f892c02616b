// SPDX-License-Identifier: Apache-2.0
package io.edgewright.runtime;

import io.edgewright.api.accelerator.LoadOptions;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * How a version is loaded; a change of it takes a new load.
 *
 * @param goal what matters more
 * @param instances slots; 0 lets the driver say
 * @param queueLength how many may wait for a slot
 * @param trusted whether the model's origin is known
 * @param options of drivers, under keys that begin with the driver's name
 */
record LoadSpec(LoadOptions.Goal goal, int instances, int queueLength, boolean trusted, Map<String, String> options) {

    /** Copies, in an order that is the same after a restart. */
    LoadSpec {
        options = Collections.unmodifiableMap(new TreeMap<>(options));
    }
}
