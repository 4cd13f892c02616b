// SPDX-License-Identifier: Apache-2.0
package io.edgewright.api.accelerator;

/** What kind of device an accelerator is. */
public enum AcceleratorKind {
    /** The gateway's own processor cores. */
    CPU,
    /** A graphics processor. */
    GPU,
    /** A neural processing unit. */
    NPU,
    /** A tensor processing unit, such as an Edge TPU. */
    TPU,
    /** A field-programmable gate array. */
    FPGA,
    /** Another machine, reached over the network. */
    REMOTE
}
