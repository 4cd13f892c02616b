// SPDX-License-Identifier: Apache-2.0
package io.edgewright.runtime;

import io.edgewright.api.accelerator.Deadline;
import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.accelerator.InferenceException.Reason;
import io.edgewright.api.model.GoldenCase;
import io.edgewright.api.tensor.ElementType;
import io.edgewright.api.tensor.InputTensors;
import io.edgewright.api.tensor.Tensor;
import io.edgewright.api.tensor.TensorSpec;
import io.edgewright.runtime.LoadFailure.Fault;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Warms a version up and checks that it answers as its golden pairs say, before anybody is served by it. */
final class SelfTest {

    private static final Logger LOG = LoggerFactory.getLogger(SelfTest.class);
    private static final Duration MOST = Duration.ofSeconds(60);
    private static final int WARM_UPS = 3;
    private static final int HIGHEST = 100;

    /** Throws if the version must not serve. */
    void run(LoadedVersion version, double tolerance) throws InferenceException, LoadFailure {
        List<GoldenCase> cases = golden(version);
        if (!cases.isEmpty()) {
            for (int i = 0; i < WARM_UPS; i++) {
                answer(version, cases.get(0).inputs());
            }
            for (GoldenCase golden : cases) {
                check(version, golden, tolerance);
            }
            return;
        }
        if (version.inputs().stream().anyMatch(i -> i.type() == ElementType.STRING)) {
            return; // no text can be made up that a model must understand
        }
        tryMadeUpInputs(version);
    }

    private static void check(LoadedVersion version, GoldenCase golden, double tolerance)
            throws InferenceException, LoadFailure {
        Optional<String> difference =
                Agreement.difference(golden.outputs(), answer(version, golden.inputs()), tolerance);
        if (difference.isPresent()) {
            throw new LoadFailure(
                    Fault.COMBINATION, "self-test: golden case '" + golden.name() + "': " + difference.get());
        }
    }

    private static void tryMadeUpInputs(LoadedVersion version) throws InferenceException, LoadFailure {
        Map<String, Tensor> inputs = madeUp(version.inputs());
        Map<String, Tensor> outputs;
        try {
            outputs = answer(version, inputs);
            for (int i = 1; i < WARM_UPS; i++) {
                answer(version, inputs);
            }
        } catch (InferenceException e) {
            boolean plain = version.inputs().stream().allMatch(i -> i.type().isFloatingPoint() && !i.isDynamic());
            if (plain || (e.reason() != Reason.EXECUTION_FAILED && e.reason() != Reason.INPUT_MISMATCH)) {
                throw e;
            }
            LOG.info("{}: made-up inputs do not suit it, so it starts untried: {}", version.id(), e.getMessage());
            return;
        }
        for (Map.Entry<String, Tensor> output : outputs.entrySet()) {
            Optional<String> problem = Agreement.notFinite(output.getKey(), output.getValue());
            if (problem.isPresent()) {
                throw new LoadFailure(
                        Fault.COMBINATION,
                        "self-test: " + problem.get()
                                + " for inputs of 0 to 1, expected finite numbers; if that is as it"
                                + " should be, add golden pairs to the model's package");
            }
        }
    }

    private static List<GoldenCase> golden(LoadedVersion version) throws LoadFailure {
        try {
            return version.file().goldenCases();
        } catch (IOException e) {
            throw new LoadFailure(Fault.MODEL, "the golden pairs could not be read: " + e.getMessage(), e);
        }
    }

    private static Map<String, Tensor> madeUp(List<TensorSpec> specs) {
        var random = new Random(1);
        Map<String, Tensor> inputs = new HashMap<>();
        for (TensorSpec spec : specs) {
            Tensor tensor = Tensor.zeros(spec.type(), spec.concreteShape(1));
            if (spec.type() == ElementType.FLOAT32) {
                for (int i = 0; i < tensor.elements(); i++) {
                    tensor.floatBuffer().put(i, random.nextFloat());
                }
            }
            inputs.put(spec.name(), tensor);
        }
        return inputs;
    }

    /** Runs outside of all counting. */
    private static Map<String, Tensor> answer(LoadedVersion version, Map<String, Tensor> inputs)
            throws InferenceException {
        TensorMaps.check(inputs, version.inputs());
        var writer = new TensorMaps.Writer(inputs);
        Deadline deadline = Deadline.in(MOST);
        PooledSlot slot = version.acquire(writer.shapes(), deadline, HIGHEST);
        if (slot == null) {
            throw new InferenceException(Reason.DEVICE_UNAVAILABLE, version.id() + " was closed", null);
        }
        boolean mine = true;
        try {
            InputTensors tensors = slot.tensors();
            writer.write(tensors);
            long start = System.nanoTime();
            if (slot.run(deadline, start) != PooledSlot.Outcome.RAN) {
                mine = false;
                throw new InferenceException(
                        Reason.DEADLINE_EXCEEDED,
                        "no answer from " + version.device().id() + " in " + MOST,
                        null);
            }
            long now = System.nanoTime();
            version.pace().measured(now - start, now);
            return TensorMaps.copy(slot.tensors(), version.outputs());
        } finally {
            if (mine) {
                slot.release();
            }
        }
    }
}
