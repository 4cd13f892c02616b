// SPDX-License-Identifier: Apache-2.0
/** ONNX Runtime and its native libraries; the only owner of OrtEnvironment. */
@Export
@Version("1.0.0")
@NullMarked
package io.edgewright.onnxruntime;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
