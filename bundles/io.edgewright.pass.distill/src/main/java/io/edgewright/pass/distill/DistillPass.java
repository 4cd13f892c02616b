// SPDX-License-Identifier: Apache-2.0
package io.edgewright.pass.distill;

import static org.osgi.service.component.annotations.ReferenceCardinality.MULTIPLE;
import static org.osgi.service.component.annotations.ReferencePolicy.DYNAMIC;

import io.edgewright.api.accelerator.Accelerator;
import io.edgewright.api.model.ModelFile;
import io.edgewright.api.model.ModelStore;
import io.edgewright.api.optimize.Applicability;
import io.edgewright.api.optimize.OptimizationException;
import io.edgewright.api.optimize.OptimizationException.Reason;
import io.edgewright.api.optimize.OptimizationPass;
import io.edgewright.api.optimize.PassContext;
import io.edgewright.api.optimize.PassParameter;
import io.edgewright.api.optimize.PassResult;
import io.edgewright.onnx.OnnxModel;
import io.edgewright.onnx.emit.FloatModel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** Trains a model, such as a pruned one, to answer like the original; without labels. */
@Component(name = DistillPass.PID, service = OptimizationPass.class, property = "kura.ui.service.hide:Boolean=true")
public final class DistillPass implements OptimizationPass {

    static final String PID = "io.edgewright.pass.distill";

    /** Where a student may be. */
    @Reference(cardinality = MULTIPLE, policy = DYNAMIC)
    private volatile List<ModelStore> stores = List.of();

    @Override
    public String name() {
        return "distill";
    }

    @Override
    public String description() {
        return "Trains a model, such as a pruned one, to answer like the original.";
    }

    @Override
    public Stage stage() {
        return Stage.TRAINING;
    }

    @Override
    public List<PassParameter> parameters() {
        return Settings.PARAMETERS;
    }

    @Override
    public Applicability check(ModelFile model, Accelerator device) {
        try (OnnxModel read = OnnxModel.read(model.path())) {
            return FloatModel.obstacle(read)
                    .map(Applicability::no)
                    .orElseGet(() -> Applicability.yes(
                            Trainable.of(FloatModel.plain(read).graph()).size() + " weights that can be learnt"));
        } catch (IOException | UncheckedIOException e) {
            return Applicability.no("it could not be read: " + e.getMessage());
        }
    }

    @Override
    public List<Map<String, String>> proposals(ModelFile model, Accelerator device) {
        return List.of(Map.of(), Map.of(Settings.STEPS, "1000"));
    }

    @Override
    public PassResult apply(ModelFile model, Path target, PassContext context) throws OptimizationException {
        Settings settings = Settings.of(context.parameters());
        try {
            if (!settings.student().isEmpty()) {
                try (ModelFile student = Students.open(stores, settings.student())) {
                    return distill(student, settings, target, context);
                }
            }
            return Files.mismatch(model.path(), context.original().path()) < 0
                    ? PassResult.unchanged(
                            "the model is the original: there is nothing to learn; prune first, or name a student")
                    : distill(model, settings, target, context);
        } catch (IOException | UncheckedIOException e) {
            throw new OptimizationException(Reason.RESOURCES, "distill: " + e.getMessage(), e);
        }
    }

    private static PassResult distill(ModelFile student, Settings settings, Path target, PassContext context)
            throws OptimizationException, IOException {
        try (OnnxModel teacher = OnnxModel.read(context.original().path());
                OnnxModel learner = OnnxModel.read(student.path())) {
            for (Map.Entry<String, OnnxModel> one :
                    Map.of("the teacher", teacher, "the student", learner).entrySet()) {
                Optional<String> obstacle = FloatModel.obstacle(one.getValue());
                if (obstacle.isPresent()) {
                    throw new OptimizationException(
                            Reason.UNSUPPORTED, "distill: %s does not do: %s".formatted(one.getKey(), obstacle.get()));
                }
            }
            return new Course(FloatModel.plain(teacher), FloatModel.plain(learner), settings, context)
                    .run(student.path(), target);
        }
    }
}
