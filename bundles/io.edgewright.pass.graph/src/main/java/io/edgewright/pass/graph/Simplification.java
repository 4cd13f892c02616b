// SPDX-License-Identifier: Apache-2.0
package io.edgewright.pass.graph;

import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.optimize.OptimizationException;
import io.edgewright.api.optimize.OptimizationException.Reason;
import io.edgewright.api.optimize.PassContext;
import io.edgewright.api.optimize.PassResult;
import io.edgewright.onnx.Graph;
import io.edgewright.onnx.OnnxModel;
import io.edgewright.onnxruntime.session.ModelProbe;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Applies all rewrites to one model until none finds anything more. */
final class Simplification {

    private static final long OLDEST_OPSET = 7;

    private static final int MOST_ROUNDS = 50;

    private final OnnxModel model;
    private final PassContext context;
    private final List<Rewrite> rewrites;
    private final Map<String, Double> figures = new TreeMap<>();

    /** @param growthBytes see {@link FoldConstants} */
    Simplification(OnnxModel model, PassContext context, long growthBytes) {
        this.model = model;
        this.context = context;
        this.rewrites = List.of(
                new ConstantsToInitializers(),
                new FoldShapes(),
                new FoldConstants(model, context.workFolder(), growthBytes),
                new RemoveIdentity(),
                new RemoveCast(),
                new MergeTransposes(),
                new MergeInitializers(),
                new MergeDuplicates(),
                new FusePad(),
                new FuseBatchNormalization(),
                new FuseScale(),
                new MatMulToGemm(),
                new MeanToGlobalPool());
    }

    PassResult run(Path target) throws OptimizationException, IOException {
        Graph graph = model.graph();
        refuseWhatIsNotUnderstood();
        int before = nodes();
        model.freezeInitializers();
        boolean runs = askForTypes();
        count("dead_nodes_removed", graph.removeUnused());
        int gained = simplify();
        if (gained + figures.getOrDefault("dead_nodes_removed", 0.0) == 0) {
            return PassResult.unchanged("nothing to simplify in " + before + " nodes");
        }
        graph.withSubgraphs().forEach(g -> List.copyOf(g.valueInfos().keySet()).forEach(g::forget));
        model.write(target);
        check(target, runs);
        figures.put("nodes_before", (double) before);
        figures.put("nodes_after", (double) nodes());
        return PassResult.changed("%d nodes became %d".formatted(before, nodes()), figures, List.of());
    }

    private void refuseWhatIsNotUnderstood() throws OptimizationException {
        long opset = model.opsets().getOrDefault("", OLDEST_OPSET); // some have operators of other domains only
        if (opset < OLDEST_OPSET) {
            throw unsupported("the model has opset %d, expected %d or later".formatted(opset, OLDEST_OPSET));
        }
        if (!model.graph().hasOnlyTensors()) {
            throw unsupported("the model has sequences or optional values, expected tensors only");
        }
        try {
            model.graph().sort();
        } catch (IllegalStateException e) {
            throw unsupported("the model is not valid: " + e.getMessage());
        }
        List<String> problems = model.problems();
        if (!problems.isEmpty()) {
            throw unsupported("the model is not valid: " + problems.get(0));
        }
    }

    /**
     * Notes what the engine says about values in between; what the file says is not trusted.
     *
     * @return false if the engine does not take the model: less can be done then
     */
    private boolean askForTypes() throws IOException {
        Graph graph = model.graph();
        graph.withSubgraphs().forEach(g -> List.copyOf(g.valueInfos().keySet()).forEach(g::forget));
        Path probe = context.workFolder().resolve("types.onnx");
        model.exposed().write(probe);
        try {
            ModelProbe.outputTypes(probe, graph::describe);
            return true;
        } catch (InferenceException e) {
            return false;
        }
    }

    private int simplify() throws OptimizationException {
        int gained = 0;
        for (int round = 0; round < MOST_ROUNDS; round++) {
            int found = 0;
            for (Rewrite rewrite : rewrites) {
                context.checkCancelled();
                for (Graph graph : model.graph().withSubgraphs()) {
                    int count = rewrite.apply(graph);
                    count(rewrite.figure(), count);
                    found += count;
                    gained += rewrite.isGain() ? count : 0;
                }
            }
            model.graph().removeUnused();
            if (found == 0) {
                break;
            }
            context.progress(1 - 1.0 / (round + 2), "round " + (round + 1) + ": " + found + " rewrites");
        }
        return gained;
    }

    private void check(Path target, boolean runs) throws OptimizationException, IOException {
        try (OnnxModel written = OnnxModel.read(target)) {
            List<String> problems = written.problems();
            if (!problems.isEmpty()) {
                throw unsupported("the result is not valid: " + problems.get(0));
            }
        }
        if (runs) {
            try {
                ModelProbe.open(target);
            } catch (InferenceException e) {
                throw new OptimizationException(
                        Reason.UNSUPPORTED, "the engine takes the model, but not its result: " + e.getMessage(), e);
            }
        }
    }

    private int nodes() {
        return model.graph().withSubgraphs().stream()
                .mapToInt(graph -> graph.nodes().size())
                .sum();
    }

    private void count(String figure, int count) {
        if (count > 0) {
            figures.merge(figure, (double) count, Double::sum);
        }
    }

    private static OptimizationException unsupported(String message) {
        return new OptimizationException(Reason.UNSUPPORTED, message);
    }
}
