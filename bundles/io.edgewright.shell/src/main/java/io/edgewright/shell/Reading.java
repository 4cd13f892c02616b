// SPDX-License-Identifier: Apache-2.0
package io.edgewright.shell;

import io.edgewright.api.inference.Signature;
import io.edgewright.api.tensor.OutputTensors;
import io.edgewright.api.tensor.Tensor;
import io.edgewright.api.tensor.TensorSpec;
import io.edgewright.vision.Classifier;
import io.edgewright.vision.Detector;
import io.edgewright.vision.Detectors;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads a model's outputs as what they are: classes, boxes, or just tensors. */
final class Reading {

    private final Signature signature;
    private final Optional<Classifier> classifier;
    private final Optional<Detector> detector;
    private final int top;
    private final float minScore;

    Reading(Signature signature, boolean pictures, int top, float minScore) {
        this.signature = signature;
        this.top = top;
        this.minScore = minScore;
        String task = signature.manifest().property("task", "");
        boolean boxes = pictures
                && (task.equals("detection")
                        || !signature.manifest().property("decoder", "").isBlank()
                        || (task.isEmpty() && Detectors.recognises(signature)));
        this.detector = boxes ? Optional.of(Detectors.of(signature)) : Optional.empty();
        boolean classes = detector.isEmpty()
                && (task.equals("classification") || (task.isEmpty() && Classifier.recognises(signature)));
        this.classifier = classes ? Optional.of(new Classifier(signature)) : Optional.empty();
    }

    Answer read(OutputTensors outputs, Run run) {
        Map<String, Tensor> copies = new LinkedHashMap<>();
        for (TensorSpec spec : signature.outputs()) {
            copies.put(spec.name(), outputs.output(spec.name()).copy());
        }
        if (detector.isPresent() && run.picture().isPresent()) {
            var boxes = detector.get().detect(outputs, run.picture().get().map(), minScore);
            return new Answer(Answer.Kind.DETECTION, List.of(), boxes, copies);
        }
        if (classifier.isPresent()) {
            return new Answer(Answer.Kind.CLASSIFICATION, classifier.get().top(outputs, top), List.of(), copies);
        }
        return new Answer(Answer.Kind.TENSORS, List.of(), List.of(), copies);
    }
}
