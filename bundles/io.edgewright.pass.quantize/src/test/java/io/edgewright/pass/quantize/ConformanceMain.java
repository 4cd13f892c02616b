// SPDX-License-Identifier: Apache-2.0
package io.edgewright.pass.quantize;

import io.edgewright.api.optimize.OptimizationException;
import io.edgewright.api.optimize.OptimizationException.Reason;
import io.edgewright.api.optimize.PassResult;
import io.edgewright.onnx.OnnxModel;
import io.edgewright.testkit.FileModel;
import io.edgewright.testkit.OnnxTestSuite;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** For each case of the ONNX test suite: whether the pass makes a model of it that the engine opens, or refuses it. */
final class ConformanceMain {

    private static final List<Map<String, String>> FORMS =
            List.of(Map.of(), Map.of("activations", "dynamic"), Map.of("weights", "int4"), Map.of("weights", "fp16"));

    private ConformanceMain() {}

    /** @param args see {@link OnnxTestSuite#runCases} */
    public static void main(String[] args) throws IOException {
        Path work = Path.of(args[0]);
        OnnxTestSuite.runCases(args, folder -> tryCase(folder.resolve("model.onnx"), work));
    }

    private static String tryCase(Path model, Path work) throws IOException {
        try {
            open(model, work);
        } catch (OptimizationException | IOException e) {
            return "not run (" + e.getMessage() + ")";
        }
        StringBuilder results = new StringBuilder();
        for (Map<String, String> form : FORMS) {
            results.append(form).append(' ').append(tryForm(model, form, work)).append("; ");
        }
        return results.toString();
    }

    private static String tryForm(Path model, Map<String, String> form, Path work) throws IOException {
        Path target = work.resolve("quantized.onnx");
        Files.deleteIfExists(target);
        FileModel file = FileModel.of(model, "onnx");
        try {
            PassResult result = new QuantizePass().apply(file, target, TestContext.of(file, form, List.of(), work));
            if (!result.changed()) {
                return Files.exists(target) ? "wrong: unchanged, but written" : "unchanged";
            }
        } catch (OptimizationException e) {
            boolean expected = e.reason() == Reason.UNSUPPORTED || e.reason() == Reason.NO_CALIBRATION;
            return (expected ? "refused" : "wrong") + " (" + e.getMessage() + ")";
        }
        try {
            open(target, work);
            return "changed";
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
