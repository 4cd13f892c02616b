// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.torch;

import io.edgewright.api.tensor.ElementType;
import io.edgewright.api.tensor.TensorSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a TorchScript file says about itself.
 *
 * @param forward the method that a run calls
 * @param declared what it was saved with
 * @param results one tensor for each part of a result; empty if their number is open
 * @param changesItself whether its code changes attributes of modules, which then last from run to run
 */
record ScriptOutline(
        Forward forward, DeclaredTensors declared, Optional<List<TensorSpec>> results, boolean changesItself) {

    /**
     * {@return what a file says}
     *
     * @throws ScriptException if it is no TorchScript, or none that can be run
     */
    static ScriptOutline read(Path file) throws IOException {
        try (ScriptArchive archive = ScriptArchive.open(file)) {
            String className = archive.className();
            int dot = className.lastIndexOf('.');
            String path = className.substring(0, dot).replace('.', '/') + ".py";
            String code = archive.code(path)
                    .orElseThrow(() -> ScriptException.broken("its code/" + path + " is not there, which must hold "
                            + className + ", the class of the model"));
            Forward forward = Forward.parse(code, className.substring(dot + 1));
            Optional<String> extra = archive.extra(DeclaredTensors.FILE);
            DeclaredTensors declared = extra.isPresent() ? DeclaredTensors.parse(extra.get()) : DeclaredTensors.NONE;
            return new ScriptOutline(
                    forward, declared, Results.of(forward.result(), archive), Changes.within(archive.allCode()));
        }
    }

    /** {@return true if types and shapes are not in the file, so that a manifest may say them} */
    boolean isOpen() {
        return declared.inputs().isEmpty() || declared.outputs().isEmpty();
    }

    /** {@return the inputs: as declared, else all arguments without default, of any shape; tensors are taken for FLOAT32} */
    List<TensorSpec> inputs() {
        return declared.inputs().orElseGet(() -> {
            List<TensorSpec> inputs = new ArrayList<>();
            for (Forward.Argument argument : forward.arguments()) {
                if (!argument.hasDefault()) {
                    inputs.add(guess(argument));
                }
            }
            return inputs;
        });
    }

    /** {@return the outputs: as declared, else as the type of the result says; empty if that leaves their number open} */
    List<TensorSpec> outputs() {
        return declared.outputs().or(() -> results).orElse(List.of());
    }

    private static TensorSpec guess(Forward.Argument argument) {
        return switch (argument.plainType()) {
            case "int" -> new TensorSpec(argument.name(), ElementType.INT64, List.of());
            case "float" -> new TensorSpec(argument.name(), ElementType.FLOAT64, List.of());
            case "bool" -> new TensorSpec(argument.name(), ElementType.BOOL, List.of());
            default -> new TensorSpec(argument.name(), ElementType.FLOAT32, TensorSpec.ANY_SHAPE);
        };
    }
}
