// SPDX-License-Identifier: Apache-2.0
package io.edgewright.api.model;

import io.edgewright.api.tensor.TensorSpec;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * Reads what a model file of one format says about itself, without running it and without native code; a service, used by
 * stores. Thread-safe. Must withstand any bytes in bounded time and memory.
 */
@ConsumerType
public interface ModelInspector {

    /**
     * A property of an {@link Inspection} that is {@code true} where the file does not tell types and shapes, as with TorchScript:
     * those given are guesses by name, and {@code model.json} may say others.
     */
    String TENSORS_OPEN = "tensors.open";

    /**
     * What a model file says about itself. A format that does not tell inputs and outputs gives none of both: the package's
     * {@code model.json} or another form of the model says them then.
     *
     * @param inputs in graph order, without those that have an initializer
     * @param outputs in graph order
     * @param externalFiles the files with weights that it refers to: relative paths within its folder
     * @param properties keys as in {@link ModelManifest}, found in the file's own metadata
     */
    record Inspection(
            List<TensorSpec> inputs,
            List<TensorSpec> outputs,
            List<String> externalFiles,
            Map<String, String> properties) {

        /** Copies. */
        public Inspection {
            inputs = List.copyOf(inputs);
            outputs = List.copyOf(outputs);
            externalFiles = List.copyOf(externalFiles);
            properties = Map.copyOf(properties);
        }
    }

    /** {@return the format, such as {@code onnx}} */
    String format();

    /** {@return the file name extensions of the format, without the dot, such as {@code onnx}} */
    List<String> extensions();

    /**
     * Inspects a file.
     *
     * @param file a file that claims to be of this format
     * @return what it says
     * @throws ModelException with {@code INVALID_MODEL} if it is not of this format, cut short, or refers to files
     *     outside its folder; with {@code STORAGE} if it could not be read
     */
    Inspection inspect(Path file) throws ModelException;
}
