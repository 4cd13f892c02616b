// SPDX-License-Identifier: Apache-2.0
package io.edgewright.app.retail;

import io.edgewright.api.inference.Signature;
import io.edgewright.api.model.ModelId;
import io.edgewright.api.model.ModelManifest;
import io.edgewright.api.tensor.TensorSpec;
import java.util.List;
import java.util.Map;

/** Signatures of models that exist in tests only. */
final class Signatures {

    private Signatures() {}

    static Signature of(List<TensorSpec> inputs, List<TensorSpec> outputs, Map<String, String> properties) {
        ModelManifest manifest = new ModelManifest(
                ModelId.of("test", "1.0.0"),
                "onnx",
                "model.onnx",
                "0".repeat(64),
                1,
                inputs,
                outputs,
                Map.of(),
                properties);
        return new Signature(manifest, inputs, outputs);
    }
}
