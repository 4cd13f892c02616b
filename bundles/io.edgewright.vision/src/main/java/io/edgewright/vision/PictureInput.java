// SPDX-License-Identifier: Apache-2.0
package io.edgewright.vision;

import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.accelerator.InferenceException.Reason;
import io.edgewright.api.inference.InputWriter;
import io.edgewright.api.tensor.InputTensors;
import java.util.List;
import java.util.Map;

/**
 * Gives one picture to a model. One thread at a time; the picture must stay as it is until {@code predict} is done.
 *
 * @param preprocessor of the model
 * @param picture what it is to see
 */
public record PictureInput(ImagePreprocessor preprocessor, Picture picture) implements InputWriter {

    @Override
    public void write(InputTensors inputs) throws InferenceException {
        try {
            preprocessor.write(picture, inputs.input(preprocessor.input()));
        } catch (IllegalArgumentException e) { // a swap to another model between signature() and predict()
            throw new InferenceException(Reason.INPUT_MISMATCH, String.valueOf(e.getMessage()), e);
        }
    }

    @Override
    public Map<String, List<Long>> shapes() {
        return Map.of(preprocessor.input(), preprocessor.shape());
    }
}
