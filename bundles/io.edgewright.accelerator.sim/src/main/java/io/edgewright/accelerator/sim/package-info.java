// SPDX-License-Identifier: Apache-2.0
/** A simulated device for tests and demonstrations. */
@NullMarked
package io.edgewright.accelerator.sim;

import org.jspecify.annotations.NullMarked;
