// SPDX-License-Identifier: Apache-2.0
package io.edgewright.vision;

import io.edgewright.api.tensor.OutputTensors;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.List;

/**
 * YOLOX (Ge et al., 2021): rows of centre x, centre y, width, height, objectness and one score a class, for grids of
 * strides 8, 16, 32 (and 64). Centres are {@code (cell + value) * stride}, sizes {@code exp(value) * stride}.
 */
final class YoloxDecoder implements Detector {

    static final String NAME = "yolox";
    private static final int BOX_VALUES = 5;
    private static final int[] STRIDES = {8, 16, 32};
    private static final int[] P6_STRIDES = {8, 16, 32, 64};

    static final class Family implements DecoderFamily {

        @Override
        public String name() {
            return NAME;
        }

        @Override
        public Fit fit(DecoderContext model) {
            boolean rows = model.outputs().size() == 1 && model.isFloats(0, 3) && model.dim(0, 2) > BOX_VALUES;
            if (!rows || strides(model).length == 0) {
                return Fit.NO;
            }
            return Labels.agree(model.manifest(), (int) model.dim(0, 2) - BOX_VALUES) ? Fit.SURE : Fit.POSSIBLE;
        }

        @Override
        public Detector create(DecoderContext model) {
            if (fit(model) == Fit.NO) {
                throw model.unfit(NAME, "one FLOAT32 output [1, %d, 5 + classes]".formatted(model.cells(STRIDES)));
            }
            return new YoloxDecoder(model);
        }

        /** {@return the strides that give so many rows; an open number is taken for the usual three} */
        static int[] strides(DecoderContext model) {
            long rows = model.dim(0, 1);
            if (rows == -1 || rows == model.cells(STRIDES)) {
                return STRIDES;
            }
            return rows == model.cells(P6_STRIDES) ? P6_STRIDES : new int[0];
        }
    }

    private final DecoderContext model;
    private final String output;
    private final List<String> labels;
    private final int[] strides;
    private final float iouLimit;
    private final Candidates candidates = new Candidates();

    private YoloxDecoder(DecoderContext model) {
        this.model = model;
        this.output = model.outputs().get(0).name();
        this.labels = Labels.of(model.manifest(), (int) model.dim(0, 2) - BOX_VALUES);
        this.strides = Family.strides(model);
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
        int length = BOX_VALUES + labels.size();
        FloatBuffer in = DecoderContext.floats(outputs, output, (long) model.cells(strides) * length);
        candidates.clear();
        int at = 0;
        for (int stride : strides) {
            int columns = model.columns(stride);
            int cells = columns * model.rows(stride);
            for (int cell = 0; cell < cells; cell++, at += length) {
                float objectness = in.get(at + 4);
                if (objectness >= minScore) {
                    add(in, at, cell % columns, cell / columns, stride, objectness, minScore);
                }
            }
        }
        return candidates.suppress(iouLimit, map, labels);
    }

    private void add(FloatBuffer in, int at, int column, int row, int stride, float objectness, float minScore) {
        int best = 0;
        float most = Float.NEGATIVE_INFINITY;
        for (int c = 0; c < labels.size(); c++) {
            float value = in.get(at + BOX_VALUES + c);
            if (value > most) {
                most = value;
                best = c;
            }
        }
        float score = objectness * most;
        if (score >= minScore) {
            float x = (column + in.get(at)) * stride / model.width();
            float y = (row + in.get(at + 1)) * stride / model.height();
            float w = (float) Math.exp(in.get(at + 2)) * stride / model.width() / 2;
            float h = (float) Math.exp(in.get(at + 3)) * stride / model.height() / 2;
            candidates.add(best, score, x - w, y - h, x + w, y + h);
        }
    }

    @Override
    public String toString() {
        return NAME + Arrays.toString(strides);
    }
}
