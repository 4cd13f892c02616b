// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.torch;

import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.model.ModelManifest;
import io.edgewright.api.tensor.ElementType;
import io.edgewright.api.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * How inputs and outputs by name become arguments and results of {@code forward}.
 *
 * @param inputs in the manifest's order
 * @param outputs in the order of the results
 * @param outputsDeclared whether somebody wrote the outputs down, so that a result of another type is an error
 */
record TorchSignature(List<Input> inputs, List<TensorSpec> outputs, boolean outputsDeclared) {

    /** What an argument takes. */
    enum Kind {
        /** A tensor. */
        TENSOR,
        /** A whole number of Python. */
        INT,
        /** A floating-point number of Python. */
        FLOAT,
        /** A truth value of Python. */
        BOOL
    }

    /**
     * One input.
     *
     * @param spec its name, type and shape
     * @param position of its argument, without {@code self}
     * @param argument the argument's own name
     * @param kind what it takes
     */
    record Input(TensorSpec spec, int position, String argument, Kind kind) {}

    private static final Set<ElementType> WHOLE = Set.of(
            ElementType.INT8,
            ElementType.INT16,
            ElementType.INT32,
            ElementType.INT64,
            ElementType.UINT8,
            ElementType.UINT16,
            ElementType.UINT32);
    private static final Set<ElementType> FLOATING = Set.of(ElementType.FLOAT32, ElementType.FLOAT64);

    /** Copies. */
    TorchSignature {
        inputs = List.copyOf(inputs);
        outputs = List.copyOf(outputs);
    }

    /**
     * {@return the signature}
     *
     * @param manifest its tensors count, where it has any
     * @param outline what the file says
     * @throws InferenceException with {@code MODEL_UNSUPPORTED} if arguments or results are of a kind that no tensor can be
     *     made for, or the manifest does not fit the file
     */
    static TorchSignature of(ModelManifest manifest, ScriptOutline outline) throws InferenceException {
        String model = manifest.id().toString();
        List<TensorSpec> specs = manifest.inputs().isEmpty() ? outline.inputs() : manifest.inputs();
        List<TensorSpec> outputs = manifest.outputs().isEmpty() ? outline.outputs() : manifest.outputs();
        if (outputs.isEmpty()) {
            throw unsupported(
                    model,
                    "forward returns %s, whose number of tensors is open: list the outputs in model.json"
                            .formatted(outline.forward().result()));
        }
        List<Input> inputs = new ArrayList<>();
        List<Forward.Argument> arguments = outline.forward().arguments();
        Set<String> names = new HashSet<>();
        arguments.forEach(a -> names.add(a.name()));
        boolean byName = specs.stream().allMatch(s -> names.contains(s.name()));
        if (specs.size() > arguments.size()) {
            throw unsupported(
                    model, "%d inputs are listed, forward has %d arguments".formatted(specs.size(), arguments.size()));
        }
        for (int i = 0; i < specs.size(); i++) {
            int position = byName ? position(arguments, specs.get(i).name()) : i;
            inputs.add(input(model, specs.get(i), position, arguments.get(position)));
        }
        for (int i = 0; i < arguments.size(); i++) {
            int position = i;
            if (!arguments.get(i).hasDefault() && inputs.stream().noneMatch(in -> in.position() == position)) {
                throw unsupported(
                        model,
                        "no input is listed for the argument '%s: %s' of forward"
                                .formatted(
                                        arguments.get(i).name(),
                                        arguments.get(i).type()));
            }
        }
        boolean declared = outline.declared().outputs().isPresent()
                || (!manifest.outputs().isEmpty() && !manifest.outputs().equals(outline.outputs()));
        return new TorchSignature(inputs, outputs, declared);
    }

    /** {@return the inputs, as a session tells them} */
    List<TensorSpec> inputSpecs() {
        return inputs.stream().map(Input::spec).toList();
    }

    /** {@return the inputs in the order of the arguments} */
    List<Input> byPosition() {
        return inputs.stream().sorted(Comparator.comparingInt(Input::position)).toList();
    }

    private static int position(List<Forward.Argument> arguments, String name) {
        int i = 0;
        while (!arguments.get(i).name().equals(name)) {
            i++;
        }
        return i;
    }

    private static Input input(String model, TensorSpec spec, int position, Forward.Argument argument)
            throws InferenceException {
        Kind kind =
                switch (argument.plainType()) {
                    case "Tensor" -> Kind.TENSOR;
                    case "int" -> Kind.INT;
                    case "float" -> Kind.FLOAT;
                    case "bool" -> Kind.BOOL;
                    default ->
                        throw unsupported(
                                model,
                                "the argument '%s' of forward is %s, expected Tensor, int, float or bool"
                                        .formatted(argument.name(), argument.type()));
                };
        boolean fits =
                switch (kind) {
                    case TENSOR -> TorchTypes.all().contains(spec.type());
                    case INT -> WHOLE.contains(spec.type());
                    case FLOAT -> FLOATING.contains(spec.type());
                    case BOOL -> spec.type() == ElementType.BOOL;
                };
        boolean scalar = kind == Kind.TENSOR || spec.shape().isEmpty();
        if (!fits || !scalar) {
            throw unsupported(
                    model,
                    "input '%s' is %s %s, but the argument '%s' of forward is %s%s"
                            .formatted(
                                    spec.name(),
                                    spec.type(),
                                    spec.shape(),
                                    argument.name(),
                                    argument.type(),
                                    kind == Kind.TENSOR ? "" : ", which takes such a number of shape []"));
        }
        return new Input(spec, position, argument.name(), kind);
    }

    private static InferenceException unsupported(String model, String why) {
        return new InferenceException(InferenceException.Reason.MODEL_UNSUPPORTED, "model " + model + ": " + why, null);
    }
}
