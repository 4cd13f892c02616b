// SPDX-License-Identifier: Apache-2.0
package io.edgewright.runtime;

import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.accelerator.InferenceException.Reason;
import io.edgewright.api.tensor.InputTensors;
import io.edgewright.api.tensor.OutputTensors;
import io.edgewright.api.tensor.Tensor;
import io.edgewright.api.tensor.TensorSpec;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Requests as maps of tensors: checked against the model, copied in and out. */
final class TensorMaps {

    /** Copies all outputs of the version that ran. */
    static final VersionReader<Map<String, Tensor>> READER =
            new VersionReader<>((outputs, version) -> copy(outputs, version.outputs()));

    private TensorMaps() {}

    /** Checks names, types and shapes. */
    static void check(Map<String, Tensor> values, List<TensorSpec> inputs) throws InferenceException {
        for (TensorSpec input : inputs) {
            Tensor value = values.get(input.name());
            if (value == null) {
                throw mismatch("input '%s' is missing, expected %s; found %s"
                        .formatted(input.name(), describe(inputs), values.keySet()));
            }
            if (value.type() != input.type() || !input.accepts(value.shape())) {
                throw mismatch(
                        "input '%s' is %s, expected %s %s".formatted(input.name(), value, input.type(), input.shape()));
            }
        }
        if (values.size() > inputs.size()) {
            throw mismatch("found inputs %s, expected %s".formatted(values.keySet(), describe(inputs)));
        }
    }

    /** Copies values in, once they were checked against the version that runs. */
    static final class Writer implements CheckedWriter {

        private final Map<String, Tensor> values;
        private final Map<String, List<Long>> shapes;

        Writer(Map<String, Tensor> values) {
            this.values = values;
            this.shapes = TensorMaps.shapes(values);
        }

        @Override
        public void check(LoadedVersion version) throws InferenceException {
            TensorMaps.check(values, version.inputs());
        }

        @Override
        public void write(InputTensors inputs) {
            values.forEach(inputs::write);
        }

        @Override
        public Map<String, List<Long>> shapes() {
            return shapes;
        }
    }

    static Map<String, Tensor> copy(OutputTensors from, List<TensorSpec> outputs) {
        Map<String, Tensor> copies = new LinkedHashMap<>();
        for (TensorSpec output : outputs) {
            copies.put(output.name(), from.output(output.name()).copy());
        }
        return copies;
    }

    static Map<String, List<Long>> shapes(Map<String, Tensor> values) {
        Map<String, List<Long>> shapes = new LinkedHashMap<>();
        values.forEach((name, value) -> shapes.put(name, value.shape()));
        return shapes;
    }

    static InferenceException mismatch(String message) {
        return new InferenceException(Reason.INPUT_MISMATCH, message, null);
    }

    private static String describe(List<TensorSpec> specs) {
        return String.valueOf(specs.stream()
                .map(s -> s.name() + ": " + s.type() + " " + s.shape())
                .toList());
    }
}
