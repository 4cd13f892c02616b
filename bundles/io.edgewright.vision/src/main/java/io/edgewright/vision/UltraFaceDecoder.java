// SPDX-License-Identifier: Apache-2.0
package io.edgewright.vision;

import io.edgewright.api.tensor.OutputTensors;
import java.nio.FloatBuffer;
import java.util.List;

/**
 * UltraFace ("Ultra-Light-Fast-Generic-Face-Detector-1MB"): scores {@code [1, n, 2]} of background and face, and boxes
 * {@code [1, n, 4]} as left, top, right, bottom in fractions of the picture.
 */
final class UltraFaceDecoder implements Detector {

    static final String NAME = "ultraface";

    static final class Family implements DecoderFamily {

        @Override
        public String name() {
            return NAME;
        }

        @Override
        public Fit fit(DecoderContext model) {
            boolean fits = model.outputs().size() == 2
                    && model.isFloats(0, 3)
                    && model.isFloats(1, 3)
                    && model.dim(0, 1) == model.dim(1, 1)
                    && model.dim(0, 2) + model.dim(1, 2) == 6
                    && Math.abs(model.dim(0, 2) - model.dim(1, 2)) == 2;
            return fits ? Fit.SURE : Fit.NO;
        }

        @Override
        public Detector create(DecoderContext model) {
            if (fit(model) == Fit.NO) {
                throw model.unfit(NAME, "two FLOAT32 outputs, scores [1, n, 2] and boxes [1, n, 4]");
            }
            return new UltraFaceDecoder(model);
        }
    }

    private final String scores;
    private final String boxes;
    private final List<String> labels;
    private final float iouLimit;
    private final Candidates candidates = new Candidates();

    private UltraFaceDecoder(DecoderContext model) {
        boolean scoresFirst = model.dim(0, 2) == 2;
        this.scores = model.outputs().get(scoresFirst ? 0 : 1).name();
        this.boxes = model.outputs().get(scoresFirst ? 1 : 0).name();
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
        long count = outputs.output(boxes).elements() / 4;
        FloatBuffer score = DecoderContext.floats(outputs, scores, count * 2);
        FloatBuffer box = DecoderContext.floats(outputs, boxes, count * 4);
        candidates.clear();
        for (int i = 0; i < count; i++) {
            float face = score.get(i * 2 + 1);
            if (face >= minScore) {
                candidates.add(0, face, box.get(i * 4), box.get(i * 4 + 1), box.get(i * 4 + 2), box.get(i * 4 + 3));
            }
        }
        return candidates.suppress(iouLimit, map, labels);
    }
}
