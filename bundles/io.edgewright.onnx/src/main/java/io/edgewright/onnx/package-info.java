// SPDX-License-Identifier: Apache-2.0
/**
 * ONNX files: read what a model says about itself ({@link io.edgewright.onnx.OnnxModelInfo}); read, change and write a model
 * ({@link io.edgewright.onnx.OnnxModel}).
 */
@Export
@Version("1.2.0")
@NullMarked
package io.edgewright.onnx;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
