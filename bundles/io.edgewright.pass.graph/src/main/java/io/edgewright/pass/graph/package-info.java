// SPDX-License-Identifier: Apache-2.0
/** Simplifies the graph of an ONNX model; its answers stay the same. */
@NullMarked
package io.edgewright.pass.graph;

import org.jspecify.annotations.NullMarked;
