// SPDX-License-Identifier: Apache-2.0
package io.edgewright.pass.quantize;

import io.edgewright.api.optimize.OptimizationException;
import io.edgewright.api.optimize.OptimizationException.Reason;
import io.edgewright.api.optimize.PassResult;
import io.edgewright.api.tensor.Tensor;
import io.edgewright.onnx.OnnxModel;
import io.edgewright.onnx.TensorProtos;
import io.edgewright.onnx.ValueInfo;
import io.edgewright.onnx.Weights;
import io.edgewright.testkit.FileModel;
import io.edgewright.testkit.OnnxTestSuite;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/**
 * For each case of the ONNX test suite, all inputs but the first made constants, as weights are: whether the pass makes a model of it
 * that the engine opens, or refuses it.
 */
final class ConformanceMain {

    private static final List<Map<String, String>> FORMS =
            List.of(Map.of(), Map.of("activations", "dynamic"), Map.of("weights", "int4"), Map.of("weights", "fp16"));

    private ConformanceMain() {}

    /** @param args see {@link OnnxTestSuite#runCases} */
    public static void main(String[] args) throws IOException {
        Path work = Path.of(args[0]);
        OnnxTestSuite.runCases(args, folder -> tryCase(folder, work));
    }

    private static String tryCase(Path folder, Path work) throws IOException {
        Path model = work.resolve("frozen.onnx");
        List<Map<String, Tensor>> samples;
        try (OnnxModel onnx = OnnxModel.read(folder.resolve("model.onnx"))) {
            samples = freeze(onnx, folder.resolve("test_data_set_0"));
            onnx.write(model);
            OrtModel.open(onnx, work).close();
        } catch (OptimizationException | IOException | IllegalStateException e) {
            return "not run (" + e.getMessage() + ")";
        }
        StringBuilder results = new StringBuilder();
        for (Map<String, String> form : FORMS) {
            results.append(form)
                    .append(' ')
                    .append(tryForm(model, form, samples, work))
                    .append("; ");
        }
        return results.toString();
    }

    /** {@return the first input, as many times as calibration asks for} */
    private static List<Map<String, Tensor>> freeze(OnnxModel onnx, Path data) throws IOException {
        List<ValueInfo> inputs = onnx.graph().inputs();
        Map<String, Tensor> first = Map.of();
        for (int i = 0; i < inputs.size() && !inputs.get(i).isNoTensor(); i++) {
            Path file = data.resolve("input_" + i + ".pb");
            if (!Files.exists(file)) {
                continue;
            }
            Tensor tensor = TensorProtos.read(file, 1 << 28).tensor();
            if (i == 0) {
                first = Map.of(inputs.get(i).name(), tensor);
            } else {
                onnx.graph().setInitializer(inputs.get(i).name(), Weights.of(tensor));
            }
        }
        onnx.freezeInitializers();
        return first.isEmpty() ? List.of() : Collections.nCopies(Observer.LEAST_SAMPLES, first);
    }

    private static String tryForm(Path model, Map<String, String> form, List<Map<String, Tensor>> samples, Path work)
            throws IOException {
        Path target = work.resolve("quantized.onnx");
        Files.deleteIfExists(target);
        FileModel file = FileModel.of(model, "onnx");
        try {
            PassResult result = new QuantizePass().apply(file, target, TestContext.of(file, form, samples, work));
            if (!result.changed()) {
                return Files.exists(target) ? "wrong: unchanged, but written" : "unchanged";
            }
        } catch (OptimizationException e) {
            boolean expected = e.reason() == Reason.UNSUPPORTED || e.reason() == Reason.NO_CALIBRATION;
            return (expected ? "refused" : "wrong") + " (" + e.getMessage() + ")";
        }
        try {
            open(target, work);
            return "made";
        } catch (OptimizationException e) {
            return "wrong (" + e.getMessage() + ")";
        }
    }

    private static void open(Path model, Path work) throws OptimizationException, IOException {
        try (OnnxModel onnx = OnnxModel.read(model)) {
            OrtModel.open(onnx, work).close();
        }
    }
}
