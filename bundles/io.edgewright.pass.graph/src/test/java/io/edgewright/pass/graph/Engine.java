// SPDX-License-Identifier: Apache-2.0
package io.edgewright.pass.graph;

import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions;
import io.edgewright.api.accelerator.Deadline;
import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.accelerator.ModelSession;
import io.edgewright.api.accelerator.Slot;
import io.edgewright.api.tensor.Tensor;
import io.edgewright.api.tensor.TensorSpec;
import io.edgewright.onnx.OnnxModelInfo;
import io.edgewright.onnxruntime.OrtRuntime;
import io.edgewright.onnxruntime.session.OpenedModel;
import io.edgewright.onnxruntime.session.OrtErrors;
import io.edgewright.onnxruntime.session.OrtModelSession;
import io.edgewright.onnxruntime.session.OrtTypes;
import io.edgewright.onnxruntime.session.SessionTraits;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Runs model files on ONNX Runtime. */
final class Engine {

    private static final OrtErrors ERRORS = new OrtErrors("this processor", List.of());

    private Engine() {}

    static ModelSession open(Path model) throws InferenceException, IOException {
        OnnxModelInfo info = OnnxModelInfo.read(model);
        Set<String> rankless = Stream.concat(info.inputs().stream(), info.outputs().stream())
                .filter(spec -> spec.shape().equals(TensorSpec.ANY_SHAPE))
                .map(TensorSpec::name)
                .collect(Collectors.toSet());
        try {
            OrtRuntime.environment(); // before any other class of the engine
            var options = new SessionOptions();
            options.setIntraOpNumThreads(1);
            OpenedModel opened = OpenedModel.ofFile(model, options, 0);
            try {
                OrtSession session = opened.session();
                String name = model.getFileName().toString();
                return new OrtModelSession(
                        opened,
                        new SessionTraits(
                                name,
                                ERRORS,
                                OrtTypes.specs(name, session.getInputInfo().values(), rankless),
                                OrtTypes.specs(name, session.getOutputInfo().values(), rankless),
                                1,
                                Map.of(),
                                false,
                                () -> {}));
            } catch (InferenceException e) {
                opened.close();
                throw e;
            }
        } catch (OrtException e) {
            throw ERRORS.onLoad(model.toString(), e);
        }
    }

    /** {@return copies of the outputs, in graph order} */
    static Map<String, Tensor> run(Path model, Map<String, Tensor> inputs) throws InferenceException, IOException {
        try (ModelSession session = open(model)) {
            Map<String, List<Long>> shapes = new HashMap<>();
            inputs.forEach((name, tensor) -> shapes.put(name, tensor.shape()));
            try (Slot slot = session.openSlot(shapes)) {
                inputs.forEach(slot::write);
                slot.run(Deadline.NONE);
                Map<String, Tensor> outputs = new LinkedHashMap<>();
                for (TensorSpec output : session.outputs()) {
                    outputs.put(output.name(), slot.output(output.name()).copy());
                }
                return outputs;
            }
        }
    }
}
