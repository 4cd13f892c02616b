// SPDX-License-Identifier: Apache-2.0
package io.edgewright.onnx;

import io.edgewright.api.tensor.ElementType;
import io.edgewright.api.tensor.Tensor;
import java.util.List;

/** Tensors that the API has no short way to make. */
final class TestWeights {

    private TestWeights() {}

    static Tensor bool(boolean value) {
        Tensor tensor = Tensor.zeros(ElementType.BOOL, List.of());
        tensor.data().put(0, (byte) (value ? 1 : 0));
        return tensor;
    }
}
