// SPDX-License-Identifier: Apache-2.0
package io.edgewright.pass.quantize;

import io.edgewright.api.accelerator.Accelerator;
import io.edgewright.api.accelerator.AcceleratorKind;
import io.edgewright.api.model.ModelFile;
import io.edgewright.api.optimize.Applicability;
import io.edgewright.api.optimize.OptimizationException;
import io.edgewright.api.optimize.OptimizationException.Reason;
import io.edgewright.api.optimize.OptimizationPass;
import io.edgewright.api.optimize.PassContext;
import io.edgewright.api.optimize.PassParameter;
import io.edgewright.api.optimize.PassResult;
import io.edgewright.onnx.MalformedModelException;
import io.edgewright.onnx.OnnxModel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.osgi.service.component.annotations.Component;

/** Makes models smaller and faster by other number formats: int8, half floats, 4-bit weights. */
@Component(name = QuantizePass.PID, service = OptimizationPass.class)
public final class QuantizePass implements OptimizationPass {

    static final String PID = "io.edgewright.pass.quantize";

    @Override
    public String name() {
        return "quantize";
    }

    @Override
    public String description() {
        return "Runs a model in int8 (with or without calibration data), in half floats, or with 4-bit weights.";
    }

    @Override
    public Stage stage() {
        return Stage.PRECISION;
    }

    @Override
    public List<PassParameter> parameters() {
        return Settings.PARAMETERS;
    }

    @Override
    public Applicability check(ModelFile model, Accelerator device) {
        try (OnnxModel onnx = read(model)) {
            Census census = Census.of(onnx);
            return census.refusal().map(Applicability::no).orElseGet(() -> Applicability.yes(census.summary()));
        } catch (IOException e) {
            return Applicability.no("it cannot be read as ONNX: " + e.getMessage());
        }
    }

    @Override
    public List<Map<String, String>> proposals(ModelFile model, Accelerator device) {
        if (device.kind() == AcceleratorKind.GPU) {
            return List.of(Map.of("weights", "fp16"), Map.of());
        }
        return List.of(
                Map.of(),
                Map.of("calibration", "minmax"),
                Map.of("calibration", "entropy"),
                Map.of("activations", "dynamic"));
    }

    @Override
    public PassResult apply(ModelFile model, Path target, PassContext context) throws OptimizationException {
        Settings settings = Settings.of(context.parameters(), context.device());
        try (OnnxModel onnx = read(model)) {
            var refusal = Census.of(onnx).refusal();
            if (refusal.isPresent()) {
                return PassResult.unchanged(refusal.get());
            }
            List<String> problems = onnx.problems();
            if (!problems.isEmpty()) {
                throw new OptimizationException(
                        Reason.UNSUPPORTED, "the model is not valid: " + String.join("; ", problems));
            }
            Preparation.apply(onnx);
            if (settings.form() != Settings.Form.FP16) {
                HalfPrecision.widen(onnx, context.workFolder());
            }
            return switch (settings.form()) {
                case STATIC -> new StaticInt8(onnx, settings, context, target).apply();
                case DYNAMIC -> DynamicInt8.apply(onnx, settings, target);
                case FP16 -> new HalfPrecision(onnx, settings, context).apply(target);
                case INT4 -> BlockInt4.apply(onnx, settings, target);
            };
        } catch (MalformedModelException e) {
            throw new OptimizationException(Reason.UNSUPPORTED, "it is no valid ONNX model: " + e.getMessage(), e);
        } catch (IOException | UncheckedIOException e) {
            throw new OptimizationException(
                    Reason.RESOURCES, "a file could not be read or written: " + e.getMessage(), e);
        }
    }

    private static OnnxModel read(ModelFile model) throws IOException {
        OnnxModel onnx = OnnxModel.read(model.path());
        onnx.freezeInitializers(); // no predictor feeds them
        return onnx;
    }
}
