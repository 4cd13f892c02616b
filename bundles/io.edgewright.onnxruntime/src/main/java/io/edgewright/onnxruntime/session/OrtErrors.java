// SPDX-License-Identifier: Apache-2.0
package io.edgewright.onnxruntime.session;

import ai.onnxruntime.OrtException;
import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.accelerator.InferenceException.Reason;
import java.util.List;

/**
 * Says what ONNX Runtime's errors mean for the caller. Codes alone do not tell: most failures are {@code ORT_FAIL}, so
 * the message decides (wording of ONNX Runtime 1.29; an unknown one falls back on the code).
 *
 * @param device what models run on, for texts: {@code this processor}
 * @param lost words in a message by which this device tells that it is gone or out of memory; none for the
 *     processor
 */
public record OrtErrors(String device, List<String> lost) {

    private static final int LONGEST = 600;

    private static final List<String> NO_MEMORY = List.of("Failed to allocate memory", "bad_alloc");

    private static final List<String> UNSUPPORTED = List.of(
            "No Op registered",
            "is not a registered function/op",
            "Could not find an implementation",
            "till opset",
            "Unsupported model IR version",
            "Unknown model file format version",
            "No opset import for domain",
            "Failed to construct locale",
            "not supported");

    /** Copies. */
    public OrtErrors {
        lost = List.copyOf(lost);
    }

    /** {@return the error for a model that could not be opened} */
    public InferenceException onLoad(String model, OrtException e) {
        String message = clean(e);
        Reason reason;
        if (isLost(message)) {
            reason = Reason.DEVICE_UNAVAILABLE;
        } else if (e.getCode() == OrtException.OrtErrorCode.ORT_NOT_IMPLEMENTED
                || UNSUPPORTED.stream().anyMatch(message::contains)) {
            reason = Reason.MODEL_UNSUPPORTED;
        } else {
            reason = Reason.MODEL_INVALID;
        }
        String what = reason == Reason.MODEL_INVALID ? " is broken: " : " cannot run on " + device + ": ";
        return new InferenceException(reason, "model " + model + what + message, e);
    }

    /** {@return the error for a run that failed} */
    public InferenceException onRun(String model, OrtException e) {
        String message = clean(e);
        // without such words it is the processor, which is not lost when inputs ask for more memory than there is
        boolean gone = (!lost.isEmpty() && isLost(message)) || e.getCode() == OrtException.OrtErrorCode.ORT_EP_FAIL;
        return new InferenceException(
                gone ? Reason.DEVICE_UNAVAILABLE : Reason.EXECUTION_FAILED,
                "model " + model + (gone ? " lost " + device + ": " : " failed on these inputs: ") + message,
                e);
    }

    private boolean isLost(String message) {
        return NO_MEMORY.stream().anyMatch(message::contains) || lost.stream().anyMatch(message::contains);
    }

    /** {@return ONNX Runtime's message without its own source files and signatures, on one line} */
    public static String clean(OrtException e) {
        String message = String.valueOf(e.getMessage())
                .replaceFirst("^Error code - \\w+ - message: ", "")
                .replaceAll("/onnxruntime_src/\\S+:\\d+ [^\\n]*?\\([^\\n]*?\\)(::<lambda\\(\\)>)?( const)? ?", "")
                .replaceAll("\\s+", " ")
                .strip();
        return message.length() > LONGEST ? message.substring(0, LONGEST) + "..." : message;
    }
}
