// SPDX-License-Identifier: Apache-2.0
package io.edgewright.isolation;

import io.edgewright.api.tensor.ElementType;
import io.edgewright.api.tensor.Tensor;
import io.edgewright.api.tensor.TensorSpec;
import java.util.List;

/** How much memory tensors take. */
final class Sizes {

    /** The longest tensor in bytes, as buffers go. */
    static final int LARGEST = Integer.MAX_VALUE - 128;

    private Sizes() {}

    /** {@return true if every value of it has the same number of bytes} */
    static boolean isFixed(TensorSpec spec) {
        return spec.type() != ElementType.STRING && !spec.isDynamic();
    }

    static long bytes(TensorSpec spec, List<Long> shape) {
        return Tensor.elements(shape) * spec.type().bytes();
    }
}
