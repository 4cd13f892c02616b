// SPDX-License-Identifier: Apache-2.0
package io.edgewright.vision;

import io.edgewright.api.tensor.ElementType;
import io.edgewright.api.tensor.OutputTensors;
import java.nio.FloatBuffer;
import java.util.List;

/**
 * YuNet (Wu et al., "YuNet: A Tiny Millisecond-level Face Detector", 2023): for grids of strides 8, 16 and 32 the outputs
 * {@code cls_STRIDE} and {@code obj_STRIDE} {@code [1, cells, 1]}, whose geometric mean is the score, and {@code bbox_STRIDE}
 * {@code [1, cells, 4]}. Centres are {@code (cell + value) * stride}, sizes {@code exp(value) * stride}. The points of the
 * face, {@code kps_STRIDE}, are not read.
 */
final class YunetDecoder implements Detector {

    static final String NAME = "yunet";
    private static final int[] STRIDES = {8, 16, 32};

    static final class Family implements DecoderFamily {

        @Override
        public String name() {
            return NAME;
        }

        @Override
        public Fit fit(DecoderContext model) {
            for (int stride : STRIDES) {
                if (!has(model, "cls", stride, 1) || !has(model, "obj", stride, 1) || !has(model, "bbox", stride, 4)) {
                    return Fit.NO;
                }
            }
            return Fit.SURE;
        }

        private static boolean has(DecoderContext model, String name, int stride, long values) {
            List<Long> shape = List.of(1L, (long) model.cells(stride), values);
            return model.outputs().stream()
                    .anyMatch(o -> o.name().equals(name + "_" + stride)
                            && o.type() == ElementType.FLOAT32
                            && o.accepts(shape));
        }

        @Override
        public Detector create(DecoderContext model) {
            if (fit(model) == Fit.NO) {
                throw model.unfit(
                        NAME,
                        "FLOAT32 outputs cls_S and obj_S [1, cells, 1] and bbox_S [1, cells, 4] for the strides S = 8, 16, 32");
            }
            return new YunetDecoder(model);
        }
    }

    private final DecoderContext model;
    private final List<String> labels;
    private final float iouLimit;
    private final Candidates candidates = new Candidates();

    private YunetDecoder(DecoderContext model) {
        this.model = model;
        List<String> named = model.manifest().labels();
        this.labels = named.size() == 1 ? named : List.of("face");
        this.iouLimit = model.iouLimit("0.3");
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
        for (int stride : STRIDES) {
            int cells = model.cells(stride);
            FloatBuffer classes = DecoderContext.floats(outputs, "cls_" + stride, cells);
            FloatBuffer objects = DecoderContext.floats(outputs, "obj_" + stride, cells);
            FloatBuffer boxes = DecoderContext.floats(outputs, "bbox_" + stride, cells * 4L);
            for (int cell = 0; cell < cells; cell++) {
                float score = (float) Math.sqrt(probability(classes.get(cell)) * probability(objects.get(cell)));
                if (score >= minScore) {
                    add(boxes, cell, stride, score);
                }
            }
        }
        return candidates.suppress(iouLimit, map, labels);
    }

    private static double probability(float value) {
        return Math.max(0, Math.min(1, value));
    }

    private void add(FloatBuffer boxes, int cell, int stride, float score) {
        int columns = model.columns(stride);
        float x = (cell % columns + boxes.get(cell * 4)) * stride / model.width();
        float y = (cell / columns + boxes.get(cell * 4 + 1)) * stride / model.height();
        float w = (float) Math.exp(boxes.get(cell * 4 + 2)) * stride / model.width() / 2;
        float h = (float) Math.exp(boxes.get(cell * 4 + 3)) * stride / model.height() / 2;
        candidates.add(0, score, x - w, y - h, x + w, y + h);
    }
}
