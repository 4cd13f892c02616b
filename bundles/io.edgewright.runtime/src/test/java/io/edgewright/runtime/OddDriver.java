// SPDX-License-Identifier: Apache-2.0
package io.edgewright.runtime;

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
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A driver that fails as a test wishes; its models answer y = x + 1, or z = x + 1 from version 2 on. */
final class OddDriver implements AcceleratorDriver {

    /** What happens at one point of a driver's life. */
    @FunctionalInterface
    interface Step {

        void run() throws InferenceException;
    }

    final Accelerator device;
    volatile boolean present = true;
    volatile boolean outlived;
    volatile Step onDevices = () -> {};
    volatile Step onRescan = () -> {};
    volatile Step onLoad = () -> {};
    volatile Step onOpen = () -> {};
    volatile Step onRun = () -> {};
    volatile Step onInput = () -> {};
    volatile Step onCancel = () -> {};
    volatile Step onCloseSlot = () -> {};

    OddDriver(String id, boolean cancellable) {
        this.device =
                new Accelerator(id, "odd", AcceleratorKind.NPU, "", "odd", 0, Set.of("onnx"), cancellable, Map.of());
    }

    @Override
    public String name() {
        return "odd";
    }

    @Override
    public List<Accelerator> accelerators() {
        now(onDevices);
        return present ? List.of(device) : List.of();
    }

    @Override
    public void rescan() {
        now(onRescan);
    }

    @Override
    public ModelSession load(ModelFile model, Accelerator on, LoadOptions options) throws InferenceException {
        onLoad.run();
        return new Session(model.manifest().id().version().major() > 1 ? "z" : "y");
    }

    private static void now(Step step) {
        try {
            step.run();
        } catch (InferenceException e) {
            throw new IllegalStateException(e);
        }
    }

    private final class Session implements ModelSession {

        private final TensorSpec in = new TensorSpec("x", ElementType.FLOAT32, List.of(1L));
        private final TensorSpec out;

        Session(String output) {
            out = new TensorSpec(output, ElementType.FLOAT32, List.of(1L));
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
            onOpen.run();
            return new OddSlot(out.name());
        }

        @Override
        public boolean outlivesDriver() {
            return outlived;
        }

        @Override
        public void close() {}
    }

    private final class OddSlot implements Slot {

        private final Tensor x = Tensor.zeros(ElementType.FLOAT32, List.of(1L));
        private final Tensor y = Tensor.zeros(ElementType.FLOAT32, List.of(1L));
        private final String output;

        OddSlot(String output) {
            this.output = output;
        }

        @Override
        public Tensor input(String name) {
            now(onInput);
            return x;
        }

        @Override
        public Tensor output(String name) {
            if (!name.equals(output)) {
                throw new IllegalArgumentException("no output '" + name + "', expected " + output);
            }
            return y;
        }

        @Override
        public void run(Deadline deadline) throws InferenceException {
            onRun.run();
            y.floatBuffer().put(0, x.floatBuffer().get(0) + 1);
        }

        @Override
        public void cancel() {
            now(onCancel);
        }

        @Override
        public void close() {
            now(onCloseSlot);
        }
    }
}
