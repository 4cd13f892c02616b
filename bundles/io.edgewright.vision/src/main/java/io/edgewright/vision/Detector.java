// SPDX-License-Identifier: Apache-2.0
package io.edgewright.vision;

import io.edgewright.api.tensor.OutputTensors;
import java.util.List;
import org.osgi.annotation.versioning.ProviderType;

/** Makes boxes of the outputs of one kind of detection model. Get one from {@link Detectors}. One thread at a time. */
@ProviderType
public interface Detector {

    /** {@return the value of the manifest's {@code decoder} property that chooses it, such as {@code yolox}} */
    String name();

    /** {@return the names of the classes, in the model's order} */
    List<String> labels();

    /**
     * Reads the outputs of one run.
     *
     * @param outputs of the model; only read during this call
     * @param map from the model's input to the picture, of {@link ImagePreprocessor#map}
     * @param minScore boxes below it are left out, 0..1
     * @return what is there after suppression of duplicates within each class, the surest first; boxes within the picture
     * @throws IllegalArgumentException if an output has another type or shape than the decoder was made for
     */
    List<Detection> detect(OutputTensors outputs, PictureMap map, float minScore);
}
