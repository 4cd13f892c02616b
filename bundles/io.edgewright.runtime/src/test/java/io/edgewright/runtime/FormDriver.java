// SPDX-License-Identifier: Apache-2.0
package io.edgewright.runtime;

import io.edgewright.api.accelerator.Accelerator;
import io.edgewright.api.accelerator.AcceleratorDriver;
import io.edgewright.api.accelerator.AcceleratorKind;
import io.edgewright.api.accelerator.Deadline;
import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.accelerator.InferenceException.Reason;
import io.edgewright.api.accelerator.LoadOptions;
import io.edgewright.api.accelerator.ModelSession;
import io.edgewright.api.accelerator.Slot;
import io.edgewright.api.model.ModelFile;
import io.edgewright.api.tensor.ElementType;
import io.edgewright.api.tensor.Tensor;
import io.edgewright.api.tensor.TensorSpec;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A driver whose models answer x + 1 for ONNX and x + 2 for other formats, under tensor names of the format: {@code x} and
 * {@code y} for ONNX, {@code x:tflite} and {@code y:tflite} for TFLite.
 */
final class FormDriver implements AcceleratorDriver {

    final Accelerator device;
    final Map<String, Reason> refuses = new ConcurrentHashMap<>();
    volatile long length = 1;
    volatile boolean present = true;

    FormDriver(String id, AcceleratorKind kind, String... formats) {
        this.device = new Accelerator(id, id, kind, "", "takes forms", 0, Set.of(formats), true, Map.of());
    }

    @Override
    public String name() {
        return device.id();
    }

    @Override
    public List<Accelerator> accelerators() {
        return present ? List.of(device) : List.of();
    }

    @Override
    public ModelSession load(ModelFile model, Accelerator on, LoadOptions options) throws InferenceException {
        String format = model.manifest().format();
        Reason reason = refuses.get(format);
        if (reason != null) {
            throw new InferenceException(
                    reason, "it does not like " + model.path().getFileName(), null);
        }
        return new Session(format);
    }

    private final class Session implements ModelSession {

        private final TensorSpec in;
        private final TensorSpec out;
        private final float constant;

        Session(String format) {
            String suffix = format.equals("onnx") ? "" : ":" + format;
            in = new TensorSpec("x" + suffix, ElementType.FLOAT32, List.of(length));
            out = new TensorSpec("y" + suffix, ElementType.FLOAT32, List.of(length));
            constant = format.equals("onnx") ? 1 : 2;
        }

        @Override
        public List<TensorSpec> inputs() {
            return List.of(in);
        }

        @Override
        public List<TensorSpec> outputs() {
            return List.of(out);
        }

        @Override
        public Slot openSlot(Map<String, List<Long>> shapes) throws InferenceException {
            for (String name : shapes.keySet()) {
                if (!name.equals(in.name())) {
                    throw new InferenceException(Reason.INPUT_MISMATCH, "no input " + name, null);
                }
            }
            return new AddSlot(in.name(), out.name(), constant);
        }

        @Override
        public void close() {}
    }

    private static final class AddSlot implements Slot {

        private final Map<String, Tensor> tensors;
        private final String input;
        private final String output;
        private final float constant;

        AddSlot(String input, String output, float constant) {
            this.input = input;
            this.output = output;
            this.constant = constant;
            this.tensors = Map.of(
                    input, Tensor.zeros(ElementType.FLOAT32, List.of(1L)),
                    output, Tensor.zeros(ElementType.FLOAT32, List.of(1L)));
        }

        @Override
        public Tensor input(String name) {
            return find(name, input);
        }

        @Override
        public Tensor output(String name) {
            return find(name, output);
        }

        @Override
        public void run(Deadline deadline) {
            output(output).floatBuffer().put(0, input(input).floatBuffer().get(0) + constant);
        }

        @Override
        public void close() {}

        private Tensor find(String name, String only) {
            Tensor tensor = name.equals(only) ? tensors.get(name) : null;
            if (tensor == null) {
                throw new IllegalArgumentException("no tensor '" + name + "', expected " + only);
            }
            return tensor;
        }
    }
}
