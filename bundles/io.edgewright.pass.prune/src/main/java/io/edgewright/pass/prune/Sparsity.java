// SPDX-License-Identifier: Apache-2.0
package io.edgewright.pass.prune;

import io.edgewright.api.optimize.NodeRemark;
import io.edgewright.onnx.OnnxModel;
import io.edgewright.onnx.Weights;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Sets single weights to zero, the smallest first; the model keeps its shape. */
final class Sparsity {

    /** The version of ONNX's file format that has sparse initializers first. */
    private static final long FIRST_SPARSE_IR_VERSION = 6;

    private Sparsity() {}

    /**
     * Sets all but a share of each layer's weights to zero.
     *
     * @param keep the share that stays, 0..1
     */
    static void unstructured(OnnxModel model, double keep) {
        for (Layer layer : Layer.of(model.graph())) {
            Weights weights = model.graph().constant(layer.weights()).orElseThrow();
            float[] values = weights.toFloats();
            float[] sizes = magnitudes(values);
            Arrays.sort(sizes);
            int zeros = (int) Math.round(values.length * (1 - keep));
            float least = zeros == 0 ? 0 : sizes[zeros - 1];
            for (int i = 0; i < values.length; i++) {
                values[i] = Math.abs(values[i]) <= least ? 0 : values[i];
            }
            model.graph().setInitializer(layer.weights(), Weights.ofFloats(weights.shape(), values));
        }
    }

    /** Keeps the two largest of each four weights that one output reads one after the other: what sparse tensor cores take. */
    static void twoOfFour(OnnxModel model) {
        for (Layer layer : Layer.of(model.graph())) {
            Weights weights = model.graph().constant(layer.weights()).orElseThrow();
            float[] values = weights.toFloats();
            int last = Math.toIntExact(weights.shape().get(weights.shape().size() - 1));
            boolean inputsFirst = layer.outputAxis() == 1 && weights.shape().size() == 2;
            int row = inputsFirst
                    ? Math.toIntExact(weights.shape().get(0))
                    : values.length / Math.toIntExact(weights.shape().get(0));
            int step = inputsFirst ? last : 1;
            if (row % 4 == 0) {
                for (int at = 0; at < values.length / 4; at++) {
                    int start = inputsFirst ? at % last + at / last * 4 * last : at * 4;
                    keepTwo(values, start, step);
                }
                model.graph().setInitializer(layer.weights(), Weights.ofFloats(weights.shape(), values));
            }
        }
    }

    /**
     * Makes sparse tensors of the layers' weights that take fewer bytes so.
     *
     * @return the layers whose weights do not
     */
    static List<NodeRemark> leaveOutZeros(OnnxModel model) {
        List<NodeRemark> dense = new ArrayList<>();
        for (Layer layer : Layer.of(model.graph())) {
            Weights weights = model.graph().constant(layer.weights()).orElseThrow();
            Weights sparse = weights.sparse();
            if (sparse.storedSize() < weights.byteSize()) {
                model.graph().setInitializer(layer.weights(), sparse);
            } else if (!weights.isSparse()) {
                dense.add(new NodeRemark(
                        layer.node().output(0),
                        layer.node().opType(),
                        "dense",
                        "its zeros are written: %d bytes, as a sparse tensor %d"
                                .formatted(weights.byteSize(), sparse.storedSize())));
            }
        }
        model.raiseIrVersion(FIRST_SPARSE_IR_VERSION);
        return dense;
    }

    private static void keepTwo(float[] values, int start, int step) {
        float[] sizes = new float[4];
        for (int i = 0; i < 4; i++) {
            sizes[i] = Math.abs(values[start + i * step]);
        }
        for (int zeros = 0; zeros < 2; zeros++) {
            int least = 0;
            for (int i = 1; i < 4; i++) {
                least = sizes[i] < sizes[least] ? i : least;
            }
            sizes[least] = Float.POSITIVE_INFINITY;
            values[start + least * step] = 0;
        }
    }

    /** {@return the share of zeros in the layers' weights, 0..1} */
    static double zeros(OnnxModel model) {
        long zeros = 0;
        long all = 0;
        for (Layer layer : Layer.of(model.graph())) {
            for (float value :
                    model.graph().constant(layer.weights()).orElseThrow().toFloats()) {
                zeros += value == 0 ? 1 : 0;
                all++;
            }
        }
        return all == 0 ? 0 : (double) zeros / all;
    }

    private static float[] magnitudes(float[] values) {
        float[] sizes = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            sizes[i] = Math.abs(values[i]);
        }
        return sizes;
    }
}
