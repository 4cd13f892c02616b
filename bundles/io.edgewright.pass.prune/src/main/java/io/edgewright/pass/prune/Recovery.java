// SPDX-License-Identifier: Apache-2.0
package io.edgewright.pass.prune;

import io.edgewright.api.optimize.NodeRemark;
import io.edgewright.api.optimize.OptimizationException;
import io.edgewright.api.optimize.OptimizationException.Reason;
import io.edgewright.api.optimize.PassContext;
import io.edgewright.onnx.Node;
import io.edgewright.onnx.OnnxModel;
import io.edgewright.onnx.Weights;
import io.edgewright.onnxruntime.graph.GraphRun;
import io.edgewright.onnxruntime.graph.SampleFile;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/**
 * Gives the layers of a pruned model new weights, one after the other, so that each makes of what it gets now what the original made:
 * least squares over calibration samples, without labels and without gradients.
 */
final class Recovery {

    /** Rows of one layer's least squares, over all samples. */
    private static final int ROWS = 20_000;

    private static final int FEWEST_PLACES = 20;
    private static final int BATCH = 16;

    private final Channels original;
    private final OnnxModel student;
    private final Set<Integer> removed;
    private final SampleFile samples;
    private final PassContext context;
    private final List<NodeRemark> remarks = new ArrayList<>();

    /**
     * @param original the model before
     * @param student the model after, in which values have the same names; gets new weights
     * @param removed the units that are gone
     */
    Recovery(Channels original, OnnxModel student, Set<Integer> removed, SampleFile samples, PassContext context) {
        this.original = original;
        this.student = student;
        this.removed = removed;
        this.samples = samples;
        this.context = context;
    }

    /**
     * Does it.
     *
     * @return the layers that kept their weights, and why
     */
    List<NodeRemark> run() throws OptimizationException {
        List<Layer> layers = Layer.of(student.graph());
        Set<String> touched = new HashSet<>();
        int done = 0;
        for (Node node : student.graph().nodes()) {
            boolean reached = node.inputs().stream().anyMatch(touched::contains);
            if (reached || isCut(node)) {
                touched.addAll(node.outputs());
            }
            if (reached) {
                for (Layer layer : layers) {
                    if (layer.node() == node) {
                        context.checkCancelled();
                        context.progress(0.1 + 0.8 * done / layers.size(), "recovering " + node);
                        recover(layer);
                    }
                }
            }
            done += layers.stream().anyMatch(layer -> layer.node() == node) ? 1 : 0;
        }
        return remarks;
    }

    private boolean isCut(Node node) {
        return node.inputs().stream()
                .anyMatch(input -> original.model().graph().initializer(input).isPresent()
                        && !original.model()
                                .graph()
                                .initializer(input)
                                .get()
                                .shape()
                                .equals(student.graph()
                                        .initializer(input)
                                        .map(Weights::shape)
                                        .orElse(List.of())));
    }

    private void recover(Layer layer) throws OptimizationException {
        Node node = layer.node();
        Regression regression = Regression.of(student.graph(), layer);
        if (!regression.isSolvable()) {
            remarks.add(new NodeRemark(
                    node.output(0), node.opType(), "not-recovered", "keeps its weights: shared, scaled or too large"));
            return;
        }
        List<Integer> kept = Slimmer.kept(original.units(), removed, node.output(0), 1);
        OnnxModel graph = regression.graph(
                original.model(), student, kept, original.units().shapes());
        Path file = context.workFolder().resolve("regression.onnx");
        try {
            graph.write(file);
        } catch (IOException e) {
            throw new OptimizationException(Reason.RESOURCES, file + " could not be written: " + e.getMessage(), e);
        }
        double[][][] a = new double[regression.groups()][regression.inputs() + 1][regression.inputs() + 1];
        double[][][] b = new double[regression.groups()][regression.inputs() + 1][regression.outputs()];
        collect(file, places(node), a, b);
        solve(layer, regression, a, b);
    }

    /** How many places the output has along its spatial axes together; 0 for a matrix. */
    private long places(Node node) throws OptimizationException {
        List<Long> shape = original.units().shape(node.output(0));
        if (!node.is("Conv")) {
            return 0;
        }
        long places = 1;
        for (long size : shape.subList(2, shape.size())) {
            if (size < 0) {
                throw new OptimizationException(
                        Reason.UNSUPPORTED,
                        "%s makes %s, expected fixed sizes for recovery=ridge; recovery=none needs none"
                                .formatted(node, shape));
            }
            places *= size;
        }
        return places;
    }

    private void collect(Path file, long places, double[][][] a, double[][][] b) throws OptimizationException {
        int batch = samples.batch(BATCH);
        Map<String, List<Long>> shapes = samples.shapes(batch);
        int looked = (int) Math.min(places, Math.max(FEWEST_PLACES, ROWS / samples.size()));
        if (places > 0) {
            shapes.put(Regression.PLACES, List.of((long) looked));
        }
        var random = new Random(samples.size());
        try (GraphRun run = GraphRun.open(file, shapes)) {
            for (int at = 0; at + batch <= samples.size(); at += batch) {
                context.checkCancelled();
                int[] chosen = new int[batch];
                for (int i = 0; i < batch; i++) {
                    chosen[i] = at + i;
                }
                samples.read(run, chosen);
                if (places > 0) {
                    LongBuffer to = run.input(Regression.PLACES)
                            .data()
                            .duplicate()
                            .order(ByteOrder.nativeOrder())
                            .asLongBuffer();
                    random.longs(looked, 0, places).forEach(to::put);
                }
                run.run();
                add(run.output(Regression.A).floatBuffer(), a);
                add(run.output(Regression.B).floatBuffer(), b);
            }
        }
    }

    private static void add(FloatBuffer from, double[][][] to) {
        int at = 0;
        for (double[][] matrix : to) {
            for (double[] row : matrix) {
                for (int i = 0; i < row.length; i++) {
                    row[i] += from.get(at++);
                }
            }
        }
    }

    private void solve(Layer layer, Regression regression, double[][][] a, double[][][] b) {
        Weights old = student.graph().constant(layer.weights()).orElseThrow();
        float[] weights = old.toFloats();
        int outputs = regression.groups() * regression.outputs();
        String name = layer.node().input(2);
        float[] oldBias = name.isEmpty()
                ? new float[0]
                : student.graph().constant(name).orElseThrow().toFloats();
        float[] bias = new float[outputs];
        for (int group = 0; group < regression.groups(); group++) {
            double[][] before = regression.columns(weights, oldBias, group);
            regression.put(Ridge.solve(a[group], b[group], before), weights, bias, group);
        }
        student.graph().setInitializer(layer.weights(), Weights.ofFloats(old.shape(), weights));
        if (name.isEmpty()) {
            name = student.graph().freshName(layer.node().output(0) + ".bias");
            layer.node().setInput(2, name);
            student.graph().setInitializer(name, Weights.ofFloats(List.of((long) outputs), bias));
        } else {
            List<Long> shape = student.graph().constant(name).orElseThrow().shape();
            student.graph().setInitializer(name, Weights.ofFloats(shape, bias));
        }
    }
}
