// SPDX-License-Identifier: Apache-2.0
package io.edgewright.shell;

import io.edgewright.api.inference.InputWriter;
import io.edgewright.api.inference.Signature;
import io.edgewright.api.tensor.ElementType;
import io.edgewright.api.tensor.InputTensors;
import io.edgewright.api.tensor.Tensor;
import io.edgewright.api.tensor.TensorSpec;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** The same numbers for each call: floats in 0..1, whole numbers 0, which every model can take as an index. */
final class RandomInput implements InputWriter {

    private final List<TensorSpec> specs;
    private final Map<String, List<Long>> shapes;
    private final Map<String, Tensor> values = new HashMap<>();

    /**
     * @param signature of the model
     * @param shapes of inputs with open dimensions; one left out gets 1 for each
     */
    RandomInput(Signature signature, Map<String, List<Long>> shapes) {
        this.specs = signature.inputs();
        this.shapes = Map.copyOf(shapes);
        var random = new Random(1);
        for (TensorSpec spec : specs) {
            List<Long> wanted = shapes.getOrDefault(spec.name(), spec.concreteShape(1));
            if (!spec.accepts(wanted)) {
                throw new IllegalArgumentException("--shape %s=%s does not fit, the model takes %s %s"
                        .formatted(spec.name(), Shapes.text(wanted), spec.type(), spec.shape()));
            }
            values.put(spec.name(), value(spec, wanted, random));
        }
        for (String name : shapes.keySet()) {
            if (!values.containsKey(name)) {
                throw new IllegalArgumentException("--shape names '%s', the model's inputs are %s"
                        .formatted(name, values.keySet().stream().sorted().toList()));
            }
        }
    }

    @Override
    public void write(InputTensors inputs) {
        for (int i = 0; i < specs.size(); i++) {
            String name = specs.get(i).name();
            Tensor value = values.get(name);
            if (value != null) {
                inputs.write(name, value);
            }
        }
    }

    @Override
    public Map<String, List<Long>> shapes() {
        return shapes;
    }

    private static Tensor value(TensorSpec spec, List<Long> shape, Random random) {
        if (spec.type() == ElementType.STRING) {
            return Tensor.ofStrings(shape, Collections.nCopies((int) Tensor.elements(shape), "text"));
        }
        Tensor tensor = Tensor.zeros(spec.type(), shape);
        if (spec.type() == ElementType.FLOAT32) {
            for (int i = 0; i < tensor.elements(); i++) {
                tensor.floatBuffer().put(i, random.nextFloat());
            }
        }
        return tensor;
    }
}
