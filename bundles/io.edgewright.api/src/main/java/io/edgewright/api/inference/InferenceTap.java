// SPDX-License-Identifier: Apache-2.0
package io.edgewright.api.inference;

import io.edgewright.api.model.ModelManifest;
import io.edgewright.api.tensor.Tensor;
import java.util.Map;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * Sees copies of single inferences of the deployments whose settings allow it ({@code capture.per.second}); a service.
 * Thread-safe.
 */
@ConsumerType
public interface InferenceTap {

    /**
     * Takes one inference. Called on the thread of the request, after its answer: return at once, queue or drop.
     *
     * @param deployment whose
     * @param model the version that answered, with all its forms
     * @param inputs one tensor for each input; never changed any more
     * @param outputs one tensor for each output; never changed any more
     */
    void take(String deployment, ModelManifest model, Map<String, Tensor> inputs, Map<String, Tensor> outputs);
}
