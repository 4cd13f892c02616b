// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.litert;

import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.accelerator.InferenceException.Reason;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Says what went wrong, and what to do, in terms of the API. */
final class LitertErrors {

    private static final String EDGE_TPU = "edgetpu-custom-op";

    /** Custom by name, yet TensorFlow Lite brings them. */
    private static final Set<String> BROUGHT =
            Set.of("NumericVerify", "Mfcc", "AudioSpectrogram", "TFLite_Detection_PostProcess");

    private LitertErrors() {}

    /** {@return why the operators of a model do not run without a delegate; empty if they do} */
    static Optional<InferenceException> onCustomOps(String model, Set<String> customOps) {
        Set<String> foreign = new TreeSet<>(customOps);
        foreign.removeAll(BROUGHT);
        if (foreign.isEmpty()) {
            return Optional.empty();
        }
        String message;
        if (foreign.contains(EDGE_TPU)) {
            message =
                    "model %s was compiled for a Coral Edge TPU (operator '%s'): plug one in, install libedgetpu1-std and"
                            + " configure io.edgewright.accelerator.litert.delegate with the preset edgetpu, or add the model as it"
                            + " was before edgetpu_compiler";
            message = message.formatted(model, EDGE_TPU);
        } else if (foreign.stream().anyMatch(op -> op.startsWith("Flex"))) {
            message = ("model %s needs TensorFlow itself for %s ('Select TF ops'), which is not here: convert it with"
                            + " TensorFlow Lite's own operators only")
                    .formatted(model, foreign);
        } else {
            message = ("model %s has the custom operators %s, which are not part of TensorFlow Lite: configure"
                            + " io.edgewright.accelerator.litert.delegate with the library of a device that brings them")
                    .formatted(model, foreign);
        }
        return Optional.of(new InferenceException(Reason.MODEL_UNSUPPORTED, message, null));
    }

    /** No interpreter could be made. */
    static InferenceException onCreate(String model, String said) {
        boolean tooNew = said.contains("Didn't find op");
        return new InferenceException(
                tooNew ? Reason.MODEL_UNSUPPORTED : Reason.MODEL_INVALID,
                tooNew
                        ? "model %s needs an operator that TensorFlow Lite %s does not have: %s"
                                .formatted(model, LitertLibrary.VERSION, said)
                        : "model %s cannot be loaded: %s".formatted(model, said),
                null);
    }

    /** A delegate did not take the graph. */
    static InferenceException onDelegate(String model, String delegate, int status, String said) {
        return new InferenceException(
                Reason.MODEL_UNSUPPORTED,
                "model %s is refused by the delegate '%s' (status %d): %s".formatted(model, delegate, status, said),
                null);
    }

    /** The interpreter could not prepare itself. */
    static InferenceException onAllocate(String model, String said) {
        boolean unresolved = said.contains("unresolved custom op");
        return new InferenceException(
                unresolved ? Reason.MODEL_UNSUPPORTED : Reason.MODEL_INVALID,
                "model %s cannot be prepared: %s".formatted(model, said),
                null);
    }

    /** An input could not get a shape. */
    static InferenceException onShape(String model, String input, List<Long> shape, String said) {
        return new InferenceException(
                Reason.INPUT_MISMATCH,
                "model %s: input '%s' cannot have the shape %s: %s".formatted(model, input, shape, said),
                null);
    }
}
