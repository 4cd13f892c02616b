// SPDX-License-Identifier: Apache-2.0
/** ONNX Runtime and its native libraries; the only owner of OrtEnvironment. */
@NullMarked
package io.edgewright.onnxruntime;

import org.jspecify.annotations.NullMarked;
