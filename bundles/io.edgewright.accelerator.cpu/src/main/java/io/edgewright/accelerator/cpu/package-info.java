// SPDX-License-Identifier: Apache-2.0
/** Runs ONNX models on the processor. */
@NullMarked
package io.edgewright.accelerator.cpu;

import org.jspecify.annotations.NullMarked;
