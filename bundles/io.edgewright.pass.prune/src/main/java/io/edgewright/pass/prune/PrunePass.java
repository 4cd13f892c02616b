// SPDX-License-Identifier: Apache-2.0
package io.edgewright.pass.prune;

import io.edgewright.api.accelerator.Accelerator;
import io.edgewright.api.model.ModelFile;
import io.edgewright.api.optimize.Applicability;
import io.edgewright.api.optimize.NodeRemark;
import io.edgewright.api.optimize.OptimizationException;
import io.edgewright.api.optimize.OptimizationException.Reason;
import io.edgewright.api.optimize.OptimizationPass;
import io.edgewright.api.optimize.PassContext;
import io.edgewright.api.optimize.PassParameter;
import io.edgewright.api.optimize.PassResult;
import io.edgewright.onnx.OnnxModel;
import io.edgewright.onnx.Weights;
import io.edgewright.onnx.emit.FloatModel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.osgi.service.component.annotations.Component;

/** Takes channels out of a model, so that it becomes smaller and faster, and lets the rest make up for them. */
@Component(name = PrunePass.PID, service = OptimizationPass.class, property = "kura.ui.service.hide:Boolean=true")
public final class PrunePass implements OptimizationPass {

    static final String PID = "io.edgewright.pass.prune";

    @Override
    public String name() {
        return "prune";
    }

    @Override
    public String description() {
        return "Takes out the channels that matter least and lets the rest make up for them.";
    }

    @Override
    public Stage stage() {
        return Stage.STRUCTURE;
    }

    @Override
    public List<PassParameter> parameters() {
        return Settings.PARAMETERS;
    }

    @Override
    public List<Map<String, String>> proposals(ModelFile model, Accelerator device) {
        return List.of(Map.of("keep", "0.75"), Map.of("keep", "0.5"));
    }

    @Override
    public Applicability check(ModelFile model, Accelerator device) {
        try (OnnxModel read = OnnxModel.read(model.path())) {
            return FloatModel.obstacle(read)
                    .map(Applicability::no)
                    .orElseGet(() -> Applicability.yes(
                            Layer.of(FloatModel.plain(read).graph()).size() + " layers in float"));
        } catch (IOException | UncheckedIOException e) {
            return Applicability.no("it could not be read: " + e.getMessage());
        }
    }

    @Override
    public PassResult apply(ModelFile model, Path target, PassContext context) throws OptimizationException {
        try (OnnxModel read = OnnxModel.read(model.path())) {
            Optional<String> obstacle = FloatModel.obstacle(read);
            if (obstacle.isPresent()) {
                throw new OptimizationException(Reason.UNSUPPORTED, "prune: " + obstacle.get());
            }
            OnnxModel plain = FloatModel.plain(read);
            Settings settings = Settings.of(context.parameters());
            return settings.mode() == Settings.Mode.CHANNELS
                    ? channels(plain, settings, target, context)
                    : single(plain, settings, target, context);
        } catch (IOException | UncheckedIOException e) {
            throw new OptimizationException(Reason.RESOURCES, "prune: " + e.getMessage(), e);
        }
    }

    private static PassResult single(OnnxModel model, Settings settings, Path target, PassContext context)
            throws IOException {
        if (settings.mode() == Settings.Mode.TWO_OF_FOUR) {
            Sparsity.twoOfFour(model);
        } else {
            Sparsity.unstructured(model, settings.keep());
        }
        double zeros = Sparsity.zeros(model);
        List<NodeRemark> dense = settings.sparse() ? Sparsity.leaveOutZeros(model) : List.of();
        model.write(target);
        long sparse = model.graph().initializers().values().stream()
                .filter(Weights::isSparse)
                .count();
        double size = Files.size(target)
                / (double) Math.max(1, context.original().manifest().sizeBytes());
        String written = "smaller only when compressed";
        if (settings.sparse()) {
            written = sparse == 0
                    ? "written as zeros, as sparse tensors would be larger"
                    : String.format(
                            Locale.ROOT, "%d sparse tensors, %.0f %% of the original's size", sparse, 100 * size);
        }
        return PassResult.changed(
                String.format(
                        Locale.ROOT,
                        "%.0f %% of the layers' weights are zero; no faster on ONNX Runtime's processor kernels; %s",
                        100 * zeros,
                        written),
                Map.of("zero_share", zeros, "sparse_tensors", (double) sparse, "size_ratio", size),
                dense);
    }

    private static PassResult channels(OnnxModel model, Settings settings, Path target, PassContext context)
            throws OptimizationException, IOException {
        Channels channels = Channels.of(model, settings.excluded(), context.workFolder());
        if (channels.blocks().isEmpty()) {
            return PassResult.unchanged(
                    "no channel can go: each is tied to an input, an output or an unknown operator");
        }
        Recovered result = Recovered.of(channels, settings, context);
        if (result.removed().isEmpty()) {
            return PassResult.unchanged("no channel goes: rounding keeps all " + channels.free());
        }
        context.progress(0.95, "writing");
        result.model().write(target);
        return summary(channels, result);
    }

    private static PassResult summary(Channels channels, Recovered result) {
        long left = channels.blocks().stream()
                .mapToLong(b -> (long) b.width()
                        * b.units().stream()
                                .filter(u -> !result.removed().contains(u))
                                .count())
                .sum();
        double before = channels.products(Set.of());
        double after = channels.products(result.removed());
        long weights = Channels.weights(channels.model());
        long weightsLeft = Channels.weights(result.model());
        List<NodeRemark> remarks = new ArrayList<>(result.remarks());
        for (Block block : channels.blocks()) {
            long kept = block.units().stream()
                    .filter(u -> !result.removed().contains(u))
                    .count();
            remarks.add(new NodeRemark(
                    block.first().node().output(0),
                    block.first().node().opType(),
                    "channels-kept",
                    "keeps %d of %d channels".formatted(kept * block.width(), block.channels())));
        }
        return PassResult.changed(
                String.format(
                        Locale.ROOT,
                        "%d of %d free channels stay; %.0f %% of the products, %.0f %% of the weights; %s",
                        left,
                        channels.free(),
                        100 * after / before,
                        100.0 * weightsLeft / weights,
                        result.how()),
                Map.of(
                        "channels_before", (double) channels.free(),
                        "channels_after", (double) left,
                        "products_before", before,
                        "products_after", after,
                        "weights_before", (double) weights,
                        "weights_after", (double) weightsLeft),
                remarks);
    }
}
