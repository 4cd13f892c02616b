// SPDX-License-Identifier: Apache-2.0
package io.edgewright.optimizer;

import io.edgewright.api.accelerator.Accelerator;
import io.edgewright.api.accelerator.AcceleratorDriver;
import io.edgewright.api.accelerator.AcceleratorKind;
import io.edgewright.api.accelerator.Deadline;
import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.accelerator.LoadOptions;
import io.edgewright.api.accelerator.ModelSession;
import io.edgewright.api.accelerator.Slot;
import io.edgewright.api.model.ModelFile;
import io.edgewright.api.tensor.ElementType;
import io.edgewright.api.tensor.Tensor;
import io.edgewright.api.tensor.TensorSpec;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;

/** Runs a {@link TextModel}: the answer is the input, but that the error is added to its first number. */
final class TextDriver implements AcceleratorDriver {

    private static final List<Long> SHAPE = List.of(1L, 4L);

    private final AtomicLong nanos = new AtomicLong();

    /** {@return a clock that only runs go on, so that nothing depends on what else the machine does} */
    long nanos() {
        return nanos.get();
    }

    @Override
    public String name() {
        return "text";
    }

    @Override
    public List<Accelerator> accelerators() {
        return List.of(new Accelerator(
                "text", "text", AcceleratorKind.CPU, "", "for tests", 0, Set.of("onnx"), true, Map.of()));
    }

    @Override
    public ModelSession load(ModelFile model, Accelerator device, LoadOptions options) throws InferenceException {
        try {
            return new Session(TextModel.read(model.path()), nanos);
        } catch (IOException | RuntimeException e) {
            throw new InferenceException(InferenceException.Reason.MODEL_INVALID, "no text model: " + e, e);
        }
    }

    private record Session(TextModel model, AtomicLong nanos) implements ModelSession {

        @Override
        public List<TensorSpec> inputs() {
            return List.of(new TensorSpec("x", ElementType.FLOAT32, SHAPE));
        }

        @Override
        public List<TensorSpec> outputs() {
            return List.of(new TensorSpec("y", ElementType.FLOAT32, SHAPE));
        }

        @Override
        public Slot openSlot(Map<String, List<Long>> shapes) {
            return new Buffers(
                    model, nanos, Tensor.zeros(ElementType.FLOAT32, SHAPE), Tensor.zeros(ElementType.FLOAT32, SHAPE));
        }

        @Override
        public void close() {
            // nothing is held
        }
    }

    private record Buffers(TextModel model, AtomicLong nanos, Tensor x, Tensor y) implements Slot {

        @Override
        public Tensor input(String name) {
            return x;
        }

        @Override
        public Tensor output(String name) {
            return y;
        }

        @Override
        public void run(Deadline deadline) {
            long end = System.nanoTime() + model.micros() * 1000L;
            for (int i = 0; i < 4; i++) {
                y.floatBuffer().put(i, x.floatBuffer().get(i) + (i == 0 ? (float) model.error() : 0));
            }
            while (System.nanoTime() - end < 0) {
                Thread.onSpinWait();
            }
            nanos.addAndGet(model.micros() * 1000L);
        }

        @Override
        public void close() {
            // nothing is held
        }
    }
}
