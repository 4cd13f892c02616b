// SPDX-License-Identifier: Apache-2.0
/** TorchScript models on the processor. */
@NullMarked
package io.edgewright.accelerator.torch;

import org.jspecify.annotations.NullMarked;
