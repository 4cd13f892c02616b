// SPDX-License-Identifier: Apache-2.0
package io.edgewright.pass.prune;

import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.optimize.OptimizationException;
import io.edgewright.api.optimize.OptimizationException.Reason;
import io.edgewright.onnx.OnnxModel;
import io.edgewright.onnx.ValueInfo;
import io.edgewright.onnx.emit.FloatModel;
import io.edgewright.onnxruntime.session.ModelProbe;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The channels of a model.
 *
 * @param model the model; not changed
 * @param units what is tied in it
 * @param layers what makes channels
 * @param blocks the channels that can go
 */
record Channels(OnnxModel model, Units units, List<Layer> layers, List<Block> blocks) {

    /**
     * {@return the channels of a model}
     *
     * @param excluded names of nodes whose channels stay
     * @param folder for a temporary file
     */
    static Channels of(OnnxModel model, Set<String> excluded, Path folder) throws OptimizationException {
        Map<String, List<Long>> shapes = shapes(model, folder.resolve("shapes.onnx"));
        model.graph().initializers().forEach((name, weights) -> shapes.put(name, weights.shape()));
        for (ValueInfo input : model.graph().inputs()) {
            input.shape()
                    .ifPresent(shape -> shapes.put(
                            input.name(), shape.stream().map(d -> d.size()).toList()));
        }
        Units units;
        try {
            units = new Units(shapes);
        } catch (IllegalArgumentException e) {
            throw new OptimizationException(Reason.UNSUPPORTED, String.valueOf(e.getMessage()), e);
        }
        Ties.apply(model.graph(), units);
        List<Layer> layers = Layer.of(model.graph());
        Set<String> unknown = new HashSet<>(excluded);
        for (Layer layer : layers) {
            if (unknown.remove(layer.node().name())) {
                units.lock(layer.weights(), layer.outputAxis());
            }
        }
        if (!unknown.isEmpty()) {
            throw new OptimizationException(
                    Reason.BAD_PARAMETER,
                    "exclude names %s, expected some of %s"
                            .formatted(
                                    unknown,
                                    layers.stream().map(l -> l.node().name()).toList()));
        }
        return new Channels(model, units, layers, Block.of(model.graph(), units, layers));
    }

    private static Map<String, List<Long>> shapes(OnnxModel model, Path file) throws OptimizationException {
        Map<String, List<Long>> shapes = new LinkedHashMap<>();
        try {
            FloatModel.exposed(model).write(file);
            ModelProbe.outputTypes(file, (name, type, shape, symbols) -> {
                if (shape.length > 0) {
                    shapes.put(name, Arrays.stream(shape).boxed().toList());
                }
            });
        } catch (IOException e) {
            throw new OptimizationException(Reason.RESOURCES, file + " could not be written: " + e.getMessage(), e);
        } catch (InferenceException e) {
            throw new OptimizationException(Reason.UNSUPPORTED, String.valueOf(e.getMessage()), e);
        }
        return shapes;
    }

    /** {@return how many channels can go, at most} */
    int free() {
        return blocks.stream().mapToInt(Block::channels).sum();
    }

    /** {@return the model without some units} */
    OnnxModel without(Set<Integer> removed) {
        OnnxModel slim = model.copy();
        Slimmer.apply(slim, units, removed);
        return slim;
    }

    /** {@return how many products one run of the model takes without some units, as far as sizes are fixed} */
    long products(Set<Integer> removed) {
        long sum = 0;
        for (Layer layer : layers) {
            List<Long> output = units.shape(layer.node().output(0));
            long each = 1;
            for (int axis = 0; axis < units.rank(layer.weights()); axis++) {
                each *= Slimmer.kept(units, removed, layer.weights(), axis).size();
            }
            for (int axis = layer.node().is("Conv") ? 2 : output.size(); axis < output.size(); axis++) {
                each *= Math.max(1, output.get(axis));
            }
            sum += each;
        }
        return sum;
    }

    /** {@return how many weights a model has} */
    static long weights(OnnxModel model) {
        return model.graph().initializers().values().stream()
                .filter(w -> w.type().isFloat())
                .mapToLong(w -> w.elements())
                .sum();
    }
}
