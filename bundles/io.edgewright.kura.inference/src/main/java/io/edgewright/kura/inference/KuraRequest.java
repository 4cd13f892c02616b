// SPDX-License-Identifier: Apache-2.0
package io.edgewright.kura.inference;

import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.accelerator.InferenceException.Reason;
import io.edgewright.api.inference.InputWriter;
import io.edgewright.api.tensor.ElementType;
import io.edgewright.api.tensor.InputTensors;
import io.edgewright.api.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.eclipse.kura.ai.inference.Tensor;

/** The inputs of one call in Kura's form, checked against the model and then written straight into the engine's buffers. */
final class KuraRequest implements InputWriter {

    private record Input(TensorSpec spec, List<Long> shape, ElementWriter values) {}

    private final List<Input> inputs = new ArrayList<>();
    private final Map<String, List<Long>> shapes = new HashMap<>();

    /**
     * @param specs of the model
     * @param tensors one for each, in any order
     * @throws InferenceException with {@code INPUT_MISMATCH} if one is missing, unknown or there twice, or does not fit
     */
    KuraRequest(List<TensorSpec> specs, List<Tensor> tensors) throws InferenceException {
        Map<String, Tensor> byName = new HashMap<>();
        for (Tensor tensor : tensors) {
            byName.put(tensor.getDescriptor().getName(), tensor);
        }
        for (TensorSpec spec : specs) {
            Tensor tensor = byName.get(spec.name());
            if (tensor == null || tensors.size() != specs.size()) {
                throw new InferenceException(
                        Reason.INPUT_MISMATCH,
                        "found the inputs %s, expected each of %s once"
                                .formatted(
                                        tensors.stream()
                                                .map(t -> t.getDescriptor().getName())
                                                .toList(),
                                        specs.stream().map(TensorSpec::name).toList()),
                        null);
            }
            add(spec, tensor);
        }
    }

    private void add(TensorSpec spec, Tensor tensor) throws InferenceException {
        Class<?> boxed = tensor.getType();
        List<?> data = tensor.getData(boxed).orElse(List.of());
        var values = new ElementWriter(spec.name(), data, boxed);
        List<Long> shape = InputShape.resolve(spec, tensor.getDescriptor().getShape(), values.elements(spec.type()));
        inputs.add(new Input(spec, shape, values));
        shapes.put(spec.name(), shape);
    }

    @Override
    public void write(InputTensors into) throws InferenceException {
        for (Input input : inputs) {
            if (input.spec.type() == ElementType.STRING) {
                into.write(input.spec.name(), input.values.strings(input.shape));
            } else {
                input.values.write(into.input(input.spec.name()));
            }
        }
    }

    @Override
    public Map<String, List<Long>> shapes() {
        return shapes;
    }
}
