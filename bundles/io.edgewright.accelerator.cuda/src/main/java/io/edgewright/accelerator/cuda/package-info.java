// SPDX-License-Identifier: Apache-2.0
/** NVIDIA devices, through CUDA and TensorRT in ONNX Runtime. */
@NullMarked
package io.edgewright.accelerator.cuda;

import org.jspecify.annotations.NullMarked;
