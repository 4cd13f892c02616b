// SPDX-License-Identifier: Apache-2.0
package io.edgewright.testkit;

import io.edgewright.api.model.ModelInspector;
import io.edgewright.api.tensor.TensorSpec;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * An inspector that says the same of every file, for tests of stores with a format that they do not read.
 *
 * @param format such as {@code tflite}
 * @param extensions such as {@code tflite}
 * @param inspection what it says
 */
public record FixedInspector(String format, List<String> extensions, Inspection inspection) implements ModelInspector {

    /**
     * {@return an inspector of the format whose extension is its name}
     *
     * @param format such as {@code tflite}
     * @param inputs what every file takes
     * @param outputs what every file gives
     * @param properties what every file says else
     */
    public static FixedInspector of(
            String format, List<TensorSpec> inputs, List<TensorSpec> outputs, Map<String, String> properties) {
        return new FixedInspector(format, List.of(format), new Inspection(inputs, outputs, List.of(), properties));
    }

    @Override
    public Inspection inspect(Path file) {
        return inspection;
    }
}
