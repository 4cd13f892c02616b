// SPDX-License-Identifier: Apache-2.0
package io.edgewright.pass.graph;

import io.edgewright.api.accelerator.Accelerator;
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
import org.osgi.service.component.annotations.Component;

/** Simplifies the graph of an ONNX model with standard operators only, for any engine. */
@Component(
        name = "io.edgewright.pass.graph",
        service = OptimizationPass.class,
        property = "kura.ui.service.hide:Boolean=true")
public final class GraphPass implements OptimizationPass {

    private static final String FOLD_KIB = "fold-kib";

    private static final List<PassParameter> PARAMETERS = List.of(PassParameter.integer(
            FOLD_KIB,
            "KiB that computed constants together may take more than what they are computed from",
            256,
            0,
            1 << 20));

    @Override
    public String name() {
        return "graph";
    }

    @Override
    public String description() {
        return "Computes what is constant, removes what makes no difference and fuses what one operator can do.";
    }

    @Override
    public Stage stage() {
        return Stage.GRAPH;
    }

    @Override
    public List<PassParameter> parameters() {
        return PARAMETERS;
    }

    @Override
    public Applicability check(ModelFile model, Accelerator device) {
        String format = model.manifest().format();
        return format.equals("onnx")
                ? Applicability.yes("simplifies any ONNX graph")
                : Applicability.no("the model is " + format + ", expected onnx");
    }

    @Override
    public PassResult apply(ModelFile model, Path target, PassContext context) throws OptimizationException {
        long growthBytes = Long.parseLong(context.parameters().get(FOLD_KIB)) << 10;
        try (OnnxModel onnx = OnnxModel.read(model.path())) {
            return new Simplification(onnx, context, growthBytes).run(target);
        } catch (MalformedModelException e) {
            throw new OptimizationException(Reason.UNSUPPORTED, "the model cannot be read: " + e.getMessage(), e);
        } catch (IOException | UncheckedIOException e) {
            throw new OptimizationException(Reason.RESOURCES, "a file could not be read or written: " + e, e);
        }
    }
}
