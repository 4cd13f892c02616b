// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.sim;

/** How the simulated device behaves at the moment. */
record Behaviour(int runMicros, int jitterMicros, int failPercent, boolean hang, int slowFactor, boolean present) {

    /** Unplugged. */
    static final Behaviour GONE = new Behaviour(0, 0, 0, false, 1, false);
}
