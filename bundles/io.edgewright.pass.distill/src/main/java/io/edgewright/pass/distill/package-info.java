// SPDX-License-Identifier: Apache-2.0
/** Trains a small model to answer like a large one, with gradients that are ONNX graphs themselves. */
@NullMarked
package io.edgewright.pass.distill;

import org.jspecify.annotations.NullMarked;
