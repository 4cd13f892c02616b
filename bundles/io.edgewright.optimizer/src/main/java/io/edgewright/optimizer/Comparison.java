// SPDX-License-Identifier: Apache-2.0
package io.edgewright.optimizer;

import io.edgewright.api.inference.Signature;
import io.edgewright.api.model.ModelManifest;
import io.edgewright.api.optimize.Agreement;
import io.edgewright.api.optimize.Agreement.Measure;
import io.edgewright.api.tensor.Tensor;
import io.edgewright.vision.Classifier;
import io.edgewright.vision.Detection;
import io.edgewright.vision.Detector;
import io.edgewright.vision.Detectors;
import io.edgewright.vision.PictureMap;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Compares the answers of a variant with those of the original, sample by sample. */
final class Comparison {

    private static final float LEAST_SCORE = 0.4f;
    private static final float LEAST_OVERLAP = 0.5f;

    private final Measure measure;
    private final @Nullable Detector detector; // for boxes
    private final Spread spread;
    private int samples;
    private int near; // samples whose numbers are near enough
    private double agreed; // samples, or matched boxes of both
    private double counted; // samples, or boxes of both
    private double cosine = 1;
    private double maxError;
    private int labelled;
    private int right;

    /**
     * @param model the original
     * @param spread of the original's outputs
     */
    Comparison(ModelManifest model, Spread spread) {
        var signature = new Signature(model, model.inputs(), model.outputs());
        this.measure = measure(signature);
        this.detector = measure == Measure.BOXES ? Detectors.of(signature) : null;
        this.spread = spread;
    }

    private static Measure measure(Signature signature) {
        if (Detectors.recognises(signature)) {
            return Measure.BOXES;
        }
        return Classifier.recognises(signature) ? Measure.TOP1 : Measure.VALUES;
    }

    Measure measure() {
        return measure;
    }

    /**
     * Counts one sample.
     *
     * @param expected the original's answer
     * @param found the variant's
     * @param label the right class, or {@link Samples#UNKNOWN}
     */
    void add(Map<String, Tensor> expected, Map<String, Tensor> found, int label) {
        samples++;
        boolean same = true;
        for (Map.Entry<String, Tensor> output : expected.entrySet()) {
            Tensor other = found.get(output.getKey());
            if (other == null || !other.shape().equals(output.getValue().shape())) {
                same = false;
                cosine = Math.min(cosine, -1);
                maxError = Double.POSITIVE_INFINITY;
                continue;
            }
            same &= compare(output.getKey(), output.getValue(), other);
        }
        near += same ? 1 : 0;
        switch (measure) {
            case TOP1 -> addClass(first(expected), first(found), label);
            case BOXES -> addBoxes(boxes(expected), boxes(found));
            case VALUES -> {
                counted++;
                agreed = near;
            }
        }
    }

    /** {@return how far they agree; where neither found a box, by their numbers} */
    Agreement agreement() {
        if (samples == 0) {
            return Agreement.NONE;
        }
        return counted == 0
                ? new Agreement(Measure.VALUES, (double) near / samples, cosine, maxError, samples)
                : new Agreement(measure, agreed / counted, cosine, maxError, samples);
    }

    /** {@return the boxes that both found, half of them each; else samples} */
    int compared() {
        return (int) (measure == Measure.BOXES ? counted / 2 : counted);
    }

    /** {@return the share of labelled samples that the variant got right; NaN without labels} */
    double accuracy() {
        return labelled == 0 ? Double.NaN : (double) right / labelled;
    }

    /** {@return whether the output is near enough} */
    private boolean compare(String name, Tensor expected, Tensor found) {
        double dot = 0;
        double a = 0;
        double b = 0;
        double distance = 0;
        for (int i = 0; i < expected.elements(); i++) {
            double x = Numbers.at(expected, i);
            double y = Numbers.at(found, i);
            dot += x * y;
            a += x * x;
            b += y * y;
            distance += (x - y) * (x - y);
            maxError = Math.max(maxError, Double.isNaN(y) ? Double.POSITIVE_INFINITY : Math.abs(x - y));
        }
        if (expected.elements() > 1 && (a > 0 || b > 0)) {
            double similarity = dot / Math.sqrt(a * b);
            cosine = Math.min(cosine, Double.isNaN(similarity) ? -1 : similarity);
        }
        return Math.sqrt(distance) <= spread.tolerance(name); // false for NaN
    }

    private void addClass(Tensor expected, Tensor found, int label) {
        int best = Numbers.greatest(found);
        counted++;
        agreed += best >= 0 && best == Numbers.greatest(expected) ? 1 : 0;
        if (label != Samples.UNKNOWN) {
            labelled++;
            right += best == label ? 1 : 0;
        }
    }

    private void addBoxes(List<Detection> expected, List<Detection> found) {
        List<Detection> left = new ArrayList<>(found);
        for (Detection box : expected) {
            for (Detection other : left) {
                if (other.classIndex() == box.classIndex() && other.box().iou(box.box()) >= LEAST_OVERLAP) {
                    agreed += 2;
                    left.remove(other);
                    break;
                }
            }
        }
        counted += expected.size() + found.size();
    }

    private List<Detection> boxes(Map<String, Tensor> outputs) {
        Detector reader = detector;
        if (reader == null) {
            return List.of();
        }
        return reader.detect(name -> tensor(outputs, name), PictureMap.STRETCH, LEAST_SCORE);
    }

    private static Tensor tensor(Map<String, Tensor> outputs, String name) {
        Tensor tensor = outputs.get(name);
        if (tensor == null) {
            throw new IllegalArgumentException("output '" + name + "' is missing, found " + outputs.keySet());
        }
        return tensor;
    }

    private static Tensor first(Map<String, Tensor> outputs) {
        return outputs.values().iterator().next();
    }
}
