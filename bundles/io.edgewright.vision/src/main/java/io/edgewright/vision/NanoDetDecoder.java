// SPDX-License-Identifier: Apache-2.0
package io.edgewright.vision;

import io.edgewright.api.tensor.OutputTensors;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * NanoDet and PicoDet: class scores and, for each side of the box, a distribution over distances (generalised focal loss,
 * Li et al., 2020) whose mean, times the stride, is the distance from the cell's point. Either one output
 * {@code [1, cells, classes + 4 * bins]} for all strides (NanoDet, NanoDet-Plus) or two for each stride (PicoDet).
 */
final class NanoDetDecoder implements Detector {

    static final String NAME = "nanodet";
    private static final int[] THREE = {8, 16, 32};
    private static final int[] FOUR = {8, 16, 32, 64};

    /** One grid: where its scores and distances begin, and how far it is from cell to cell. */
    private record Level(int stride, String scores, String distances, int first) {}

    static final class Family implements DecoderFamily {

        @Override
        public String name() {
            return NAME;
        }

        @Override
        public Fit fit(DecoderContext model) {
            int classes = classes(model);
            if (classes < 1) {
                return Fit.NO;
            }
            return Labels.agree(model.manifest(), classes) ? Fit.SURE : Fit.POSSIBLE;
        }

        @Override
        public Detector create(DecoderContext model) {
            int classes = classes(model);
            if (classes < 1) {
                throw model.unfit(
                        NAME,
                        ("one FLOAT32 output [1, %d or %d, classes + %d], or [1, cells, classes] and [1, cells, %d] for each "
                                        + "of 3 or 4 strides")
                                .formatted(model.cells(THREE), model.cells(FOUR), 4 * bins(model), 4 * bins(model)));
            }
            return new NanoDetDecoder(model, classes);
        }

        private static int classes(DecoderContext model) {
            int sides = 4 * bins(model);
            if (model.outputs().size() == 1) {
                long cells = model.dim(0, 1);
                boolean fits = model.isFloats(0, 3)
                        && (cells == -1 || cells == model.cells(THREE) || cells == model.cells(FOUR));
                return fits ? (int) model.dim(0, 2) - sides : 0;
            }
            int levels = model.outputs().size() / 2;
            if (model.outputs().size() != levels * 2 || levels < 3 || levels > 4) {
                return 0;
            }
            List<Level> found = levels(model);
            return found.size() == levels ? (int) model.dim(indexOf(model, found.get(0).scores), 2) : 0;
        }

        private static int indexOf(DecoderContext model, String name) {
            for (int i = 0; i < model.outputs().size(); i++) {
                if (model.outputs().get(i).name().equals(name)) {
                    return i;
                }
            }
            throw new IllegalStateException("output '" + name + "' is gone");
        }

        static int bins(DecoderContext model) {
            int most = (int) ImageSettings.numbers(model.manifest(), "reg.max", "7", 1)[0];
            if (most < 1 || most > 64) {
                throw new IllegalArgumentException("reg.max is " + most + ", expected 1 to 64");
            }
            return most + 1;
        }

        /** {@return the grids whose two outputs were found} */
        static List<Level> levels(DecoderContext model) {
            int count = model.outputs().size();
            int[] strides = count == 6 || (count == 1 && model.dim(0, 1) != model.cells(FOUR)) ? THREE : FOUR;
            List<Level> levels = new ArrayList<>();
            int first = 0;
            for (int stride : strides) {
                int cells = model.cells(stride);
                if (count == 1) {
                    String only = model.outputs().get(0).name();
                    levels.add(new Level(stride, only, only, first));
                    first += cells;
                } else {
                    addPair(model, stride, cells, levels);
                }
            }
            return levels;
        }

        private static void addPair(DecoderContext model, int stride, int cells, List<Level> levels) {
            List<Integer> pair = IntStream.range(0, model.outputs().size())
                    .filter(i -> model.isFloats(i, 3) && model.dim(i, 1) == cells)
                    .boxed()
                    .toList();
            int sides = 4 * bins(model);
            if (pair.size() == 2) {
                boolean secondIsSides = model.dim(pair.get(1), 2) == sides; // also where classes == sides: scores first
                String first = model.outputs().get(pair.get(0)).name();
                String second = model.outputs().get(pair.get(1)).name();
                if (secondIsSides || model.dim(pair.get(0), 2) == sides) {
                    levels.add(new Level(stride, secondIsSides ? first : second, secondIsSides ? second : first, 0));
                }
            }
        }
    }

    private final DecoderContext model;
    private final List<String> labels;
    private final List<Level> levels;
    private final int bins;
    private final boolean single;
    private final float shift; // of a cell's point within the cell
    private final float iouLimit;
    private final float[] distances = new float[4];
    private final Candidates candidates = new Candidates();
    private boolean logits; // scores below 0 were seen: the model leaves the sigmoid to us

    private NanoDetDecoder(DecoderContext model, int classes) {
        this.model = model;
        this.labels = Labels.of(model.manifest(), classes);
        this.levels = Family.levels(model);
        this.bins = Family.bins(model);
        this.single = model.outputs().size() == 1;
        this.shift = single && levels.size() == FOUR.length ? 0 : 0.5f; // NanoDet-Plus measures from the corner
        this.iouLimit = model.iouLimit("0.6");
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
        candidates.clear();
        int classes = labels.size();
        int cells =
                single ? levels.stream().mapToInt(l -> model.cells(l.stride)).sum() : 0;
        for (Level level : levels) {
            int here = model.cells(level.stride);
            int scoreStep = single ? classes + 4 * bins : classes;
            int sideStep = single ? scoreStep : 4 * bins;
            int rows = single ? cells : here;
            FloatBuffer scores = DecoderContext.floats(outputs, level.scores, (long) rows * scoreStep);
            FloatBuffer sides = DecoderContext.floats(outputs, level.distances, (long) rows * sideStep);
            for (int cell = 0; cell < here; cell++) {
                int row = level.first + cell;
                int best = best(scores, row * scoreStep);
                float value = scores.get(row * scoreStep + best);
                float score = logits ? FastestDetDecoder.sigmoid(value) : value;
                if (score >= minScore) {
                    add(sides, row * sideStep + (single ? classes : 0), cell, level.stride, best, score);
                }
            }
        }
        return candidates.suppress(iouLimit, map, labels);
    }

    private int best(FloatBuffer scores, int at) {
        int best = 0;
        float most = Float.NEGATIVE_INFINITY;
        for (int c = 0; c < labels.size(); c++) {
            float value = scores.get(at + c);
            logits |= value < 0;
            if (value > most) {
                most = value;
                best = c;
            }
        }
        return best;
    }

    private void add(FloatBuffer sides, int at, int cell, int stride, int best, float score) {
        for (int side = 0; side < 4; side++) {
            distances[side] = mean(sides, at + side * bins) * stride;
        }
        int columns = model.columns(stride);
        float x = (cell % columns + shift) * stride;
        float y = (cell / columns + shift) * stride;
        candidates.add(
                best,
                score,
                (x - distances[0]) / model.width(),
                (y - distances[1]) / model.height(),
                (x + distances[2]) / model.width(),
                (y + distances[3]) / model.height());
    }

    /** The mean of the distribution that a softmax makes of the bins. */
    private float mean(FloatBuffer sides, int at) {
        float most = Float.NEGATIVE_INFINITY;
        for (int i = 0; i < bins; i++) {
            most = Math.max(most, sides.get(at + i));
        }
        double sum = 0;
        double weighted = 0;
        for (int i = 0; i < bins; i++) {
            double share = Math.exp(sides.get(at + i) - most);
            sum += share;
            weighted += share * i;
        }
        return (float) (weighted / sum);
    }
}
