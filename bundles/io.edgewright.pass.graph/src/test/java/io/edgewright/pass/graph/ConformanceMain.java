// SPDX-License-Identifier: Apache-2.0
package io.edgewright.pass.graph;

import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.optimize.OptimizationException;
import io.edgewright.api.optimize.PassResult;
import io.edgewright.api.tensor.Tensor;
import io.edgewright.api.tensor.TensorSpec;
import io.edgewright.onnx.OnnxModel;
import io.edgewright.onnx.OnnxModelInfo;
import io.edgewright.onnx.TensorProtos;
import io.edgewright.onnx.Weights;
import io.edgewright.testkit.Closeness;
import io.edgewright.testkit.FileModel;
import io.edgewright.testkit.OnnxTestSuite;
import io.edgewright.testkit.SampledPass;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * For each case of the ONNX test suite: what the engine answers to the model as it is, read and written again, after the pass, and
 * after the pass with the inputs made constants. All must be the same.
 */
final class ConformanceMain {

    private static final long LARGEST = 256 << 20;

    private ConformanceMain() {}

    /** @param args see {@link OnnxTestSuite#runCases} */
    public static void main(String[] args) throws IOException {
        Path work = Path.of(args[0]);
        OnnxTestSuite.runCases(args, folder -> tryCase(folder, work));
    }

    private static String tryCase(Path folder, Path work) throws IOException {
        Path model = folder.resolve("model.onnx");
        Map<String, Tensor> inputs;
        Map<String, Tensor> before;
        try {
            inputs = inputs(OnnxModelInfo.read(model).inputs(), folder.resolve("test_data_set_0"));
            before = Engine.run(model, inputs);
        } catch (InferenceException | IOException e) {
            return "not run (" + e.getMessage() + ")";
        }
        try {
            return compare(model, work, inputs, before) + ", " + frozen(model, work, inputs, before);
        } catch (InferenceException e) {
            return "wrong (" + e.getMessage() + ")";
        }
    }

    private static String compare(Path model, Path work, Map<String, Tensor> inputs, Map<String, Tensor> before)
            throws IOException, InferenceException {
        Path again = work.resolve("again.onnx");
        try (OnnxModel read = OnnxModel.read(model)) {
            read.write(again);
        }
        String wrong = difference(before, Engine.run(again, inputs));
        if (!wrong.isEmpty()) {
            return "wrong when written again: " + wrong;
        }
        Path simplified = work.resolve("simplified.onnx");
        Files.deleteIfExists(simplified);
        try {
            PassResult result = apply(model, simplified, work, "");
            if (!result.changed()) {
                return "unchanged";
            }
        } catch (OptimizationException e) {
            return "refused (" + e.reason() + " " + e.getMessage() + ")";
        }
        wrong = difference(before, Engine.run(simplified, inputs));
        return wrong.isEmpty() ? "simplified" : "wrong when simplified: " + wrong;
    }

    /** The inputs become initializers: what can be computed beforehand must be the same constant. */
    private static String frozen(Path model, Path work, Map<String, Tensor> inputs, Map<String, Tensor> before)
            throws IOException, InferenceException {
        Path frozen = work.resolve("frozen.onnx");
        Path folded = work.resolve("folded.onnx");
        Files.deleteIfExists(folded);
        try (OnnxModel read = OnnxModel.read(model)) {
            inputs.forEach((name, tensor) -> read.graph().setInitializer(name, Weights.of(tensor)));
            read.freezeInitializers();
            read.write(frozen);
        }
        try {
            PassResult result = apply(frozen, folded, work, "fold-kib=65536");
            if (!result.changed()) {
                return "not folded";
            }
        } catch (OptimizationException e) {
            return "not folded (" + e.reason() + ")";
        }
        boolean constant;
        try (OnnxModel read = OnnxModel.read(folded)) {
            constant = read.graph().nodes().isEmpty();
        }
        String wrong = difference(before, Engine.run(folded, Map.of()));
        return wrong.isEmpty() ? constant ? "folded" : "partly folded" : "wrong when folded: " + wrong;
    }

    private static PassResult apply(Path from, Path to, Path work, String parameters)
            throws IOException, OptimizationException {
        var pass = new GraphPass();
        FileModel model = FileModel.of(from, "onnx");
        return pass.apply(model, to, SampledPass.of(pass, parameters, model, List.of(), work));
    }

    private static Map<String, Tensor> inputs(List<TensorSpec> specs, Path data) throws IOException {
        Map<String, Tensor> inputs = new LinkedHashMap<>();
        int index = 0;
        for (TensorSpec spec : specs) {
            Path file = data.resolve("input_" + index++ + ".pb");
            Tensor value = Files.exists(file)
                    ? TensorProtos.read(file, LARGEST).tensor()
                    : Tensor.zeros(spec.type(), spec.concreteShape(1));
            inputs.put(spec.name(), value);
        }
        return inputs;
    }

    private static String difference(Map<String, Tensor> expected, Map<String, Tensor> found) {
        if (!List.copyOf(expected.keySet()).equals(List.copyOf(found.keySet()))) {
            return "expected outputs " + expected.keySet() + ", found " + found.keySet();
        }
        Iterator<Tensor> others = found.values().iterator();
        for (var entry : expected.entrySet()) {
            String wrong = Closeness.difference(entry.getValue(), others.next());
            if (!wrong.isEmpty()) {
                return entry.getKey() + ": " + wrong;
            }
        }
        return "";
    }
}
