// SPDX-License-Identifier: Apache-2.0
package io.edgewright.vision;

import io.edgewright.api.tensor.OutputTensors;
import java.nio.FloatBuffer;
import java.util.List;

/**
 * FastestDet (Xuehao Ma, 2022): one grid of cells; planes of objectness, offset x and y, width, height, then one a class.
 * Score is {@code objectness^0.6 * class^0.4}, the centre {@code (cell + tanh(offset)) / grid}, the size a sigmoid.
 */
final class FastestDetDecoder implements Detector {

    static final String NAME = "fastestdet";
    private static final int BOX_PLANES = 5;

    static final class Family implements DecoderFamily {

        @Override
        public String name() {
            return NAME;
        }

        @Override
        public Fit fit(DecoderContext model) {
            boolean grid = model.outputs().size() == 1
                    && model.isFloats(0, 4)
                    && model.dim(0, 1) > BOX_PLANES
                    && model.dim(0, 2) > 0
                    && model.dim(0, 3) > 0
                    && (long) model.width() * model.dim(0, 2) == (long) model.height() * model.dim(0, 3)
                    && model.width() > model.dim(0, 3) * 4;
            if (!grid) {
                return Fit.NO;
            }
            return Labels.agree(model.manifest(), (int) model.dim(0, 1) - BOX_PLANES) ? Fit.SURE : Fit.POSSIBLE;
        }

        @Override
        public Detector create(DecoderContext model) {
            if (fit(model) == Fit.NO) {
                throw model.unfit(NAME, "one FLOAT32 output [1, 5 + classes, rows, columns]");
            }
            return new FastestDetDecoder(model);
        }
    }

    private final String output;
    private final List<String> labels;
    private final int rows;
    private final int columns;
    private final float iouLimit;
    private final Candidates candidates = new Candidates();

    private FastestDetDecoder(DecoderContext model) {
        this.output = model.outputs().get(0).name();
        this.labels = Labels.of(model.manifest(), (int) model.dim(0, 1) - BOX_PLANES);
        this.rows = (int) model.dim(0, 2);
        this.columns = (int) model.dim(0, 3);
        this.iouLimit = model.iouLimit("0.45");
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public List<String> labels() {
        return labels;
    }

    @Override
    public List<Detection> detect(OutputTensors outputs, PictureMap map, float minScore) {
        int plane = rows * columns;
        FloatBuffer in = DecoderContext.floats(outputs, output, (long) plane * (BOX_PLANES + labels.size()));
        float least = (float) Math.pow(minScore, 1 / 0.6); // below it no class can make up for it
        candidates.clear();
        for (int cell = 0; cell < plane; cell++) {
            float objectness = in.get(cell);
            if (objectness >= least) {
                add(in, plane, cell, objectness, minScore);
            }
        }
        return candidates.suppress(iouLimit, map, labels);
    }

    private void add(FloatBuffer in, int plane, int cell, float objectness, float minScore) {
        int best = 0;
        float most = Float.NEGATIVE_INFINITY;
        for (int c = 0, at = BOX_PLANES * plane + cell; c < labels.size(); c++, at += plane) {
            float value = in.get(at);
            if (value > most) {
                most = value;
                best = c;
            }
        }
        float score = (float) (Math.pow(objectness, 0.6) * Math.pow(Math.max(0, most), 0.4));
        if (score >= minScore) {
            float x = (cell % columns + (float) Math.tanh(in.get(plane + cell))) / columns;
            float y = (cell / columns + (float) Math.tanh(in.get(2 * plane + cell))) / rows;
            float w = sigmoid(in.get(3 * plane + cell)) / 2;
            float h = sigmoid(in.get(4 * plane + cell)) / 2;
            candidates.add(best, score, x - w, y - h, x + w, y + h);
        }
    }

    static float sigmoid(float value) {
        return (float) (1 / (1 + Math.exp(-value)));
    }
}
