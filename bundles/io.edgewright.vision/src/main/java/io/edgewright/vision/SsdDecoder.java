// SPDX-License-Identifier: Apache-2.0
package io.edgewright.vision;

import io.edgewright.api.tensor.ElementType;
import io.edgewright.api.tensor.OutputTensors;
import io.edgewright.api.tensor.Tensor;
import io.edgewright.api.tensor.TensorSpec;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Models that suppress duplicates themselves: boxes {@code [1, n, 4]}, classes and scores {@code [1, n]}, and a count with
 * the TensorFlow family (boxes top, left, bottom, right there; left, top, right, bottom without a count). Coordinates are
 * fractions of the model's picture, or pixels of it where one is above 2.
 */
final class SsdDecoder implements Detector {

    static final String NAME = "ssd";

    /** Which output is which; count is empty where there is none. */
    private record Roles(String boxes, String classes, String scores, String count) {}

    static final class Family implements DecoderFamily {

        @Override
        public String name() {
            return NAME;
        }

        @Override
        public Fit fit(DecoderContext model) {
            return roles(model) == null ? Fit.NO : Fit.SURE;
        }

        @Override
        public Detector create(DecoderContext model) {
            Roles roles = roles(model);
            if (roles == null) {
                throw model.unfit(NAME, "boxes [1, n, 4], classes [1, n], scores [1, n] and perhaps a count [1]");
            }
            return new SsdDecoder(model, roles);
        }

        private static @Nullable Roles roles(DecoderContext model) {
            int outputs = model.outputs().size();
            List<Integer> all = IntStream.range(0, outputs).boxed().toList();
            List<Integer> boxes = all.stream().filter(i -> isBoxes(model, i)).toList();
            if (outputs < 3 || outputs > 4 || boxes.size() != 1) {
                return null;
            }
            int rank = model.outputs().get(boxes.get(0)).shape().size() - 1;
            List<Integer> lists = all.stream()
                    .filter(i -> !boxes.contains(i))
                    .filter(i -> model.outputs().get(i).shape().size() == rank && model.dim(i, rank - 1) != 1)
                    .toList();
            List<Integer> counts = all.stream()
                    .filter(i -> !boxes.contains(i) && !lists.contains(i))
                    .toList();
            if (lists.size() != 2 || counts.size() != outputs - 3) {
                return null;
            }
            TensorSpec first = model.outputs().get(lists.get(0));
            TensorSpec second = model.outputs().get(lists.get(1));
            boolean swapped = isScores(first) || (!isClasses(first) && isClasses(second));
            return new Roles(
                    model.outputs().get(boxes.get(0)).name(),
                    swapped ? second.name() : first.name(),
                    swapped ? first.name() : second.name(),
                    counts.isEmpty() ? "" : model.outputs().get(counts.get(0)).name());
        }

        private static boolean isBoxes(DecoderContext model, int output) {
            int rank = model.outputs().get(output).shape().size();
            return (model.isFloats(output, 3) || model.isFloats(output, 2)) && model.dim(output, rank - 1) == 4;
        }

        private static boolean isScores(TensorSpec spec) {
            return spec.name().toLowerCase(Locale.ROOT).contains("score");
        }

        private static boolean isClasses(TensorSpec spec) {
            String name = spec.name().toLowerCase(Locale.ROOT);
            return spec.type() != ElementType.FLOAT32 || name.contains("class") || name.contains("label");
        }
    }

    private final DecoderContext model;
    private final Roles roles;
    private final List<String> labels;
    private final boolean topFirst;
    private final float iouLimit;
    private final Candidates candidates = new Candidates();

    private SsdDecoder(DecoderContext model, Roles roles) {
        this.model = model;
        this.roles = roles;
        this.labels = model.manifest().labels();
        String order = model.manifest().property("boxes", roles.count.isEmpty() ? "ltrb" : "tlbr");
        if (!order.equals("ltrb") && !order.equals("tlbr")) {
            throw new IllegalArgumentException("boxes is '" + order
                    + "', expected ltrb (left, top, right, bottom) or tlbr (top, left, bottom, right)");
        }
        this.topFirst = order.equals("tlbr");
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
        Tensor scores = outputs.output(roles.scores);
        int count = Math.toIntExact(scores.elements());
        Tensor boxes = outputs.output(roles.boxes);
        Tensor classes = outputs.output(roles.classes);
        if (boxes.elements() != 4L * count || classes.elements() != count) {
            throw new IllegalArgumentException(
                    "outputs do not agree: %d scores, boxes %s, classes %s".formatted(count, boxes, classes));
        }
        if (!roles.count.isEmpty()) {
            count = Math.max(0, Math.min(count, (int) number(outputs.output(roles.count), 0)));
        }
        candidates.clear();
        for (int i = 0; i < count; i++) {
            float score = (float) number(scores, i);
            if (score >= minScore) {
                add(boxes, i * 4, (int) Math.round(number(classes, i)), score);
            }
        }
        return candidates.suppress(iouLimit, map, labels);
    }

    private void add(Tensor boxes, int at, int classIndex, float score) {
        float a = (float) number(boxes, at);
        float b = (float) number(boxes, at + 1);
        float c = (float) number(boxes, at + 2);
        float d = (float) number(boxes, at + 3);
        boolean pixels = Math.max(Math.max(a, b), Math.max(c, d)) > 2;
        float width = pixels ? model.width() : 1;
        float height = pixels ? model.height() : 1;
        if (topFirst) {
            candidates.add(classIndex, score, b / width, a / height, d / width, c / height);
        } else {
            candidates.add(classIndex, score, a / width, b / height, c / width, d / height);
        }
    }

    private static double number(Tensor tensor, int at) {
        return switch (tensor.type()) {
            case FLOAT32 -> tensor.data().getFloat(at * 4);
            case INT32 -> tensor.data().getInt(at * 4);
            case INT64 -> tensor.data().getLong(at * 8);
            default ->
                throw new IllegalArgumentException(
                        "output is " + tensor + ", expected FLOAT32, INT32 or INT64 in a detection model");
        };
    }
}
