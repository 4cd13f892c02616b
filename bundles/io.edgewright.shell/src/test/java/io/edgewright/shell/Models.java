// SPDX-License-Identifier: Apache-2.0
package io.edgewright.shell;

import io.edgewright.api.inference.Signature;
import io.edgewright.api.model.ModelId;
import io.edgewright.api.model.ModelManifest;
import io.edgewright.api.tensor.ElementType;
import io.edgewright.api.tensor.InputTensors;
import io.edgewright.api.tensor.OutputTensors;
import io.edgewright.api.tensor.Tensor;
import io.edgewright.api.tensor.TensorSpec;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Signatures and tensors for the tests of this bundle. */
final class Models {

    private Models() {}

    static TensorSpec floats(String name, Long... shape) {
        return new TensorSpec(name, ElementType.FLOAT32, List.of(shape));
    }

    static Signature signature(List<TensorSpec> inputs, List<TensorSpec> outputs, Map<String, String> properties) {
        var manifest = new ModelManifest(
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

    /** Inputs of fixed shapes. */
    static Map<String, Tensor> buffers(List<TensorSpec> specs) {
        return specs.stream()
                .collect(Collectors.toMap(TensorSpec::name, s -> Tensor.zeros(s.type(), s.concreteShape(1))));
    }

    static InputTensors inputs(Map<String, Tensor> buffers) {
        return name -> {
            Tensor tensor = buffers.get(name);
            if (tensor == null) {
                throw new IllegalArgumentException("no input '" + name + "', expected one of " + buffers.keySet());
            }
            return tensor;
        };
    }

    static OutputTensors outputs(Map<String, Tensor> values) {
        return name -> {
            Tensor tensor = values.get(name);
            if (tensor == null) {
                throw new IllegalArgumentException("no output '" + name + "', expected one of " + values.keySet());
            }
            return tensor;
        };
    }
}
