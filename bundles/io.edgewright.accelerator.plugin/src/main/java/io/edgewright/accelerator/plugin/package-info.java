// SPDX-License-Identifier: Apache-2.0
/** Plug-in execution providers of ONNX Runtime as accelerators. */
@NullMarked
package io.edgewright.accelerator.plugin;

import org.jspecify.annotations.NullMarked;
