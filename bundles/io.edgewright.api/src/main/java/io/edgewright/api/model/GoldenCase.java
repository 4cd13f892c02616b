// SPDX-License-Identifier: Apache-2.0
package io.edgewright.api.model;

import io.edgewright.api.tensor.Tensor;
import java.util.Map;

/**
 * Inputs and the outputs that a model must answer them with; a version that does not is never served. In a package:
 * {@code golden/<case>/input.<name>.npy} and {@code golden/<case>/output.<name>.npy}; characters of a tensor name that
 * cannot be in a file name are percent-encoded (RFC 3986).
 *
 * @param name the folder's name
 * @param inputs one value for each input
 * @param outputs the outputs to compare; those left out are not compared
 */
public record GoldenCase(String name, Map<String, Tensor> inputs, Map<String, Tensor> outputs) {

    /** Copies the maps, not the tensors. */
    public GoldenCase {
        inputs = Map.copyOf(inputs);
        outputs = Map.copyOf(outputs);
    }
}
