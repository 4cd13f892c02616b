// SPDX-License-Identifier: Apache-2.0
package io.edgewright.vision;

import io.edgewright.api.inference.Signature;
import io.edgewright.api.model.ModelManifest;
import io.edgewright.api.tensor.ElementType;
import io.edgewright.api.tensor.OutputTensors;
import io.edgewright.api.tensor.Tensor;
import io.edgewright.api.tensor.TensorSpec;
import java.nio.FloatBuffer;
import java.util.List;

/**
 * What decoders look at to recognise a model.
 *
 * @param manifest of the model
 * @param outputs of the model
 * @param width of the model's picture
 * @param height of the model's picture
 */
record DecoderContext(ModelManifest manifest, List<TensorSpec> outputs, int width, int height) {

    static DecoderContext of(Signature signature) {
        ImageSettings image = ImageSettings.of(signature.manifest(), signature.inputs());
        return new DecoderContext(signature.manifest(), signature.outputs(), image.width, image.height);
    }

    /** {@return this dimension of an output; -1 if it is open or the rank is lower} */
    long dim(int output, int index) {
        List<Long> shape = outputs.get(output).shape();
        return index < shape.size() ? Math.max(-1, shape.get(index)) : -1;
    }

    /** {@return true if the output is FLOAT32 of this rank} */
    boolean isFloats(int output, int rank) {
        TensorSpec spec = outputs.get(output);
        return spec.type() == ElementType.FLOAT32 && spec.shape().size() == rank;
    }

    /** {@return how many cells grids of these strides have together} */
    int cells(int... strides) {
        int cells = 0;
        for (int stride : strides) {
            cells += columns(stride) * rows(stride);
        }
        return cells;
    }

    int columns(int stride) {
        return (width + stride - 1) / stride;
    }

    int rows(int stride) {
        return (height + stride - 1) / stride;
    }

    float iouLimit(String fallback) {
        float limit = ImageSettings.numbers(manifest, "nms.iou", fallback, 1)[0];
        if (limit <= 0 || limit > 1) {
            throw new IllegalArgumentException("nms.iou is " + limit + ", expected more than 0, up to 1");
        }
        return limit;
    }

    IllegalArgumentException unfit(String decoder, String expected) {
        return new IllegalArgumentException(
                "model %s does not fit decoder '%s': expected %s, found outputs %s for a %d x %d picture"
                        .formatted(
                                manifest.id(),
                                decoder,
                                expected,
                                outputs.stream().map(ImageSettings::describe).toList(),
                                width,
                                height));
    }

    /** {@return an output's numbers after checking that there are as many as expected} */
    static FloatBuffer floats(OutputTensors outputs, String name, long expected) {
        Tensor tensor = outputs.output(name);
        if (tensor.type() != ElementType.FLOAT32 || tensor.elements() != expected) {
            throw new IllegalArgumentException(
                    "output '%s' is %s, expected %d numbers of FLOAT32".formatted(name, tensor, expected));
        }
        return tensor.floatBuffer();
    }
}
