// SPDX-License-Identifier: Apache-2.0
/** ONNX models behind the API's sessions and slots: what every driver on ONNX Runtime shares. Knows no logger. */
@Export
@Version("2.0.0")
@NullMarked
package io.edgewright.onnxruntime.session;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
