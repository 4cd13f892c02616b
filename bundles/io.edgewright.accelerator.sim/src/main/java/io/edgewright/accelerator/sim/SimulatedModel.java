// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.sim;

import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.accelerator.InferenceException.Reason;
import io.edgewright.api.model.ModelFile;
import io.edgewright.api.tensor.ElementType;
import io.edgewright.api.tensor.Tensor;
import io.edgewright.api.tensor.TensorSpec;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A model of one node, Identity or Add of a constant, with one input and one output.
 *
 * @param input what it takes
 * @param output what it gives
 * @param constant what is added; empty for Identity
 * @param runMicros metadata {@code sim.run.micros}: time of a run on top of the device's
 * @param failPercent metadata {@code sim.fail.percent}: share of runs that fail with EXECUTION_FAILED
 */
record SimulatedModel(TensorSpec input, TensorSpec output, Optional<Float> constant, long runMicros, int failPercent) {

    private static final long MAX_BYTES = 1 << 20;

    static SimulatedModel read(ModelFile file) throws InferenceException {
        String name = String.valueOf(file.manifest().id());
        if (!file.manifest().format().equals("onnx")) {
            throw unsupported(name, "format is " + file.manifest().format() + ", expected onnx");
        }
        try {
            long size = Files.size(file.path());
            if (size > MAX_BYTES) {
                throw unsupported(name, "the file has " + size + " bytes, at most " + MAX_BYTES + " are read");
            }
            return parse(name, Files.readAllBytes(file.path()));
        } catch (IOException e) {
            throw new InferenceException(Reason.MODEL_INVALID, name + " could not be read: " + e, e);
        }
    }

    static SimulatedModel parse(String name, byte[] bytes) throws InferenceException {
        OnnxOutline outline;
        try {
            outline = OnnxOutline.read(bytes);
        } catch (IllegalArgumentException e) {
            throw new InferenceException(Reason.MODEL_INVALID, name + " is no ONNX file: " + e.getMessage(), e);
        }
        boolean one = outline.operators().size() == 1
                && outline.inputs().size() == 1
                && outline.outputs().size() == 1;
        String operator = one ? outline.operators().get(0) : "";
        TensorSpec input = one ? outline.inputs().get(0) : new TensorSpec("none", ElementType.BOOL, List.of());
        boolean identity = operator.equals("Identity") && input.type() != ElementType.STRING;
        boolean add = operator.equals("Add")
                && input.type() == ElementType.FLOAT32
                && outline.constants().size() == 1;
        if (!identity && !add) {
            throw unsupported(
                    name,
                    "a simulated device runs one Identity node, or one Add of a FLOAT32 constant; found nodes "
                            + outline.operators() + ", inputs " + outline.inputs() + ", outputs " + outline.outputs());
        }
        return new SimulatedModel(
                input,
                outline.outputs().get(0),
                add ? Optional.of(outline.constants().get(0)) : Optional.empty(),
                number(name, outline.metadata(), "sim.run.micros", 600_000_000),
                (int) number(name, outline.metadata(), "sim.fail.percent", 100));
    }

    void compute(Tensor in, Tensor out) {
        if (constant.isEmpty()) {
            out.data().put(0, in.data(), 0, in.data().limit());
            return;
        }
        float c = constant.get();
        FloatBuffer from = in.floatBuffer();
        FloatBuffer to = out.floatBuffer();
        for (int i = 0; i < from.limit(); i++) {
            to.put(i, from.get(i) + c);
        }
    }

    private static long number(String name, Map<String, String> metadata, String key, long most)
            throws InferenceException {
        String text = metadata.getOrDefault(key, "0");
        if (!text.matches("\\d{1,12}") || Long.parseLong(text) > most) {
            throw new InferenceException(
                    Reason.MODEL_INVALID,
                    name + ": metadata " + key + " is '" + text + "', expected 0 to " + most,
                    null);
        }
        return Long.parseLong(text);
    }

    private static InferenceException unsupported(String name, String found) {
        return new InferenceException(Reason.MODEL_UNSUPPORTED, name + ": " + found, null);
    }
}
