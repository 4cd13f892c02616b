// SPDX-License-Identifier: Apache-2.0
package io.edgewright.api.inference;

import io.edgewright.api.model.ModelManifest;
import io.edgewright.api.tensor.TensorSpec;
import java.util.List;

/**
 * What a predictor takes and gives at the moment.
 *
 * @param manifest of the version that serves, seen in the form that is loaded; applications read labels and
 *     pre-processing from its properties
 * @param inputs in graph order
 * @param outputs in graph order
 */
public record Signature(ModelManifest manifest, List<TensorSpec> inputs, List<TensorSpec> outputs) {

    /** Copies. */
    public Signature {
        inputs = List.copyOf(inputs);
        outputs = List.copyOf(outputs);
    }
}
