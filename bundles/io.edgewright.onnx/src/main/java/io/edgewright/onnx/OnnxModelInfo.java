// SPDX-License-Identifier: Apache-2.0
package io.edgewright.onnx;

import io.edgewright.api.tensor.TensorSpec;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What an ONNX file says about itself; its weights are neither read nor kept.
 *
 * @param irVersion the version of the file format
 * @param opsets the operator sets it needs: domain (empty for ONNX's own) to version
 * @param producer who wrote it, such as {@code pytorch 2.7.0}; empty if it does not say
 * @param inputs the tensors to feed, in graph order: without those that have an initializer
 * @param outputs the tensors it answers, in graph order
 * @param unsupportedInputs inputs that are no tensors, or of a type no tensor of ours has, such as {@code x: sequence}
 * @param unsupportedOutputs the same for outputs
 * @param metadata its {@code metadata_props}
 * @param operators every operator used, in subgraphs and functions too: {@code Conv}, {@code com.microsoft.FusedConv}
 * @param customDomains the domains of those that are neither ONNX's nor defined in the file
 * @param externalFiles the files that hold weights, as the model names them: not checked yet
 */
public record OnnxModelInfo(
        long irVersion,
        Map<String, Long> opsets,
        String producer,
        List<TensorSpec> inputs,
        List<TensorSpec> outputs,
        List<String> unsupportedInputs,
        List<String> unsupportedOutputs,
        Map<String, String> metadata,
        Set<String> operators,
        Set<String> customDomains,
        List<String> externalFiles) {

    /** Copies. */
    public OnnxModelInfo {
        opsets = Map.copyOf(opsets);
        inputs = List.copyOf(inputs);
        outputs = List.copyOf(outputs);
        unsupportedInputs = List.copyOf(unsupportedInputs);
        unsupportedOutputs = List.copyOf(unsupportedOutputs);
        metadata = Map.copyOf(metadata);
        operators = Set.copyOf(operators);
        customDomains = Set.copyOf(customDomains);
        externalFiles = List.copyOf(externalFiles);
    }

    /**
     * {@return what the file says}
     *
     * @param file an ONNX file of any size
     * @throws IOException if it could not be read, or is no ONNX file; the message says where and why
     */
    public static OnnxModelInfo read(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            return new OnnxParser(new ProtoReader(ProtoReader.Source.of(channel))).model();
        }
    }

    /**
     * {@return what the model says}
     *
     * @param model the content of an ONNX file
     * @throws IOException if it is no ONNX model; the message says where and why
     */
    public static OnnxModelInfo read(byte[] model) throws IOException {
        return new OnnxParser(new ProtoReader(ProtoReader.Source.of(model))).model();
    }
}
