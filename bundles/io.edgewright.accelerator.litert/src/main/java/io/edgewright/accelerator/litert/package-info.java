// SPDX-License-Identifier: Apache-2.0
/** Runs TensorFlow Lite models on the processor and, by delegates, on other devices. */
@NullMarked
package io.edgewright.accelerator.litert;

import org.jspecify.annotations.NullMarked;
