// SPDX-License-Identifier: Apache-2.0
/** Writes computations into graphs: what passes compute with an engine, such as gradients, is a graph of ONNX's own operators. */
@Export
@Version("1.0.0")
@NullMarked
package io.edgewright.onnx.emit;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
