// SPDX-License-Identifier: Apache-2.0
package io.edgewright.app.retail;

import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.inference.Predictor;
import io.edgewright.api.inference.RequestOptions;
import io.edgewright.api.inference.Signature;
import io.edgewright.vision.Detection;
import io.edgewright.vision.Detector;
import io.edgewright.vision.Detectors;
import io.edgewright.vision.ImagePreprocessor;
import io.edgewright.vision.Picture;
import io.edgewright.vision.PictureInput;
import io.edgewright.vision.PictureMap;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Shows pictures to a deployment, whatever model it serves now: decoder and size follow its swaps. One thread at a time. */
final class Analyser {

    /** A swap during the run makes one attempt fail. */
    private static final int ATTEMPTS = 3;

    private record Model(Signature signature, ImagePreprocessor preprocessor, Detector detector) {}

    private final float minScore;
    private @Nullable Model model;

    /** @param minScore detections below are left out */
    Analyser(float minScore) {
        this.minScore = minScore;
    }

    /**
     * {@return what the deployment's model sees}
     *
     * @throws InferenceException if it gives no answer
     * @throws IllegalArgumentException if its model is no detector that can be read; the message says why
     */
    List<Detection> analyse(Predictor predictor, Picture picture, RequestOptions options) throws InferenceException {
        for (int attempt = 1; ; attempt++) {
            Model current = model(predictor);
            PictureMap map = current.preprocessor.map(picture.width(), picture.height());
            try {
                return predictor.predict(
                        new PictureInput(current.preprocessor, picture),
                        outputs -> current.detector.detect(outputs, map, minScore),
                        options);
            } catch (InferenceException | IllegalArgumentException e) {
                if (attempt == ATTEMPTS || predictor.signature().equals(current.signature)) {
                    throw e;
                }
            }
        }
    }

    private Model model(Predictor predictor) throws InferenceException {
        Signature signature = predictor.signature();
        Model current = model;
        if (current == null || !(current.signature == signature || current.signature.equals(signature))) {
            current = new Model(
                    signature, ImagePreprocessor.of(signature.manifest(), signature.inputs()), Detectors.of(signature));
            model = current;
        }
        return current;
    }
}
