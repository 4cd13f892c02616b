// SPDX-License-Identifier: Apache-2.0
package io.edgewright.onnx;

/** Where a written model has its weights. */
public enum Storage {
    /** In the model, if it stays below 2 GB, which is the most that Protocol Buffers allow; else in a file beside it. */
    AUTO,
    /** In the model. */
    INSIDE,
    /** Initializers of 1 KiB and more in a file beside the model, named like it with {@code .data} at the end. */
    BESIDE
}
