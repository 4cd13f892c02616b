// SPDX-License-Identifier: Apache-2.0
package io.edgewright.runtime;

import io.edgewright.api.accelerator.Deadline;
import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.accelerator.ModelSession;
import io.edgewright.api.accelerator.Slot;
import io.edgewright.api.model.ModelForm;
import io.edgewright.api.model.ModelManifest;
import io.edgewright.api.tensor.Tensor;
import io.edgewright.api.tensor.TensorSpec;
import io.edgewright.runtime.LoadFailure.Fault;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A session of one form of a model under the names of the model's first form, which applications use. Thread-safe. */
final class NamedSession implements ModelSession {

    private final ModelSession session;
    private final List<TensorSpec> inputs;
    private final List<TensorSpec> outputs;
    private final Map<String, String> inputNames; // those of applications to those of the session
    private final Map<String, String> outputNames;

    private NamedSession(
            ModelSession session,
            List<TensorSpec> inputs,
            List<TensorSpec> outputs,
            Map<String, String> inputNames,
            Map<String, String> outputNames) {
        this.session = session;
        this.inputs = inputs;
        this.outputs = outputs;
        this.inputNames = Map.copyOf(inputNames);
        this.outputNames = Map.copyOf(outputNames);
    }

    /**
     * {@return the session itself where its names are those of the manifest, or where the model has one form only}
     *
     * @throws LoadFailure if what was loaded does not take and give what the manifest says
     */
    static ModelSession of(ModelSession session, ModelManifest manifest, String format) throws LoadFailure {
        if (manifest.alternatives().isEmpty()) {
            return session;
        }
        ModelManifest form = manifest.in(format);
        Map<String, String> inputNames = new HashMap<>();
        Map<String, String> outputNames = new HashMap<>();
        List<TensorSpec> inputs = named("inputs", form.inputs(), session.inputs(), inputNames);
        List<TensorSpec> outputs = named("outputs", form.outputs(), session.outputs(), outputNames);
        return inputs.equals(session.inputs()) && outputs.equals(session.outputs())
                ? session
                : new NamedSession(session, inputs, outputs, inputNames, outputNames);
    }

    @Override
    public List<TensorSpec> inputs() {
        return inputs;
    }

    @Override
    public List<TensorSpec> outputs() {
        return outputs;
    }

    @Override
    public Slot openSlot(Map<String, List<Long>> shapes) throws InferenceException {
        Map<String, List<Long>> own = new HashMap<>();
        shapes.forEach((name, shape) -> own.put(inputNames.getOrDefault(name, name), shape));
        return new NamedSlot(session.openSlot(own), inputNames, outputNames);
    }

    @Override
    public int parallelism() {
        return session.parallelism();
    }

    @Override
    public long memoryBytes() {
        return session.memoryBytes();
    }

    @Override
    public Map<String, String> facts() {
        return session.facts();
    }

    @Override
    public boolean outlivesDriver() {
        return session.outlivesDriver();
    }

    @Override
    public void close() {
        session.close();
    }

    private static List<TensorSpec> named(
            String what, List<TensorSpec> wanted, List<TensorSpec> found, Map<String, String> names)
            throws LoadFailure {
        List<TensorSpec> matched;
        try {
            matched = ModelForm.match(what + " of the loaded model", wanted, found);
        } catch (IllegalArgumentException e) {
            throw new LoadFailure(Fault.COMBINATION, String.valueOf(e.getMessage()), e);
        }
        List<TensorSpec> renamed = new ArrayList<>();
        for (int i = 0; i < wanted.size(); i++) {
            TensorSpec spec = matched.get(i);
            names.put(wanted.get(i).name(), spec.name());
            renamed.add(new TensorSpec(wanted.get(i).name(), spec.type(), spec.shape()));
        }
        return List.copyOf(renamed);
    }

    /** A slot under other names; the look-up is the only thing it adds to a run. */
    private record NamedSlot(Slot slot, Map<String, String> inputNames, Map<String, String> outputNames)
            implements Slot {

        @Override
        public Tensor input(String name) {
            return slot.input(own(name, inputNames, "input"));
        }

        @Override
        public void write(String name, Tensor value) {
            slot.write(own(name, inputNames, "input"), value);
        }

        @Override
        public Tensor output(String name) {
            return slot.output(own(name, outputNames, "output"));
        }

        @Override
        public void run(Deadline deadline) throws InferenceException {
            slot.run(deadline);
        }

        @Override
        public void cancel() {
            slot.cancel();
        }

        @Override
        public void close() {
            slot.close();
        }

        private static String own(String name, Map<String, String> names, String what) {
            @Nullable String own = names.get(name);
            if (own == null) {
                throw new IllegalArgumentException("the model has no " + what + " '" + name + "', only "
                        + names.keySet().stream().sorted().toList());
            }
            return own;
        }
    }
}
