// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.torch;

import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.accelerator.InferenceException.Reason;
import java.util.regex.Pattern;

/** Turns what libtorch throws into reasons. JavaCPP throws every C++ exception as a RuntimeException with its text. */
final class TorchErrors {

    private static final int MOST_CHARACTERS = 500;

    private static final Pattern MEMORY =
            Pattern.compile("(?i)can't allocate memory|not enough memory|bad_alloc|out of memory");

    private static final Pattern NOT_HERE = Pattern.compile(
            "(?i)unknown builtin op|unknown type name|maximum supported version|could not find any similar ops"
                    + "|not compiled with|could not run '.*' with arguments from|no kernel");

    private TorchErrors() {}

    /** {@return why a model does not load} */
    static InferenceException onLoad(String model, RuntimeException e) {
        String text = clean(e);
        Reason reason = MEMORY.matcher(text).find()
                ? Reason.DEVICE_UNAVAILABLE
                : NOT_HERE.matcher(text).find() ? Reason.MODEL_UNSUPPORTED : Reason.MODEL_INVALID;
        return new InferenceException(reason, "model " + model + " does not load: " + text, e);
    }

    /** {@return why a run failed} */
    static InferenceException onRun(String model, RuntimeException e) {
        String text = clean(e);
        Reason reason = MEMORY.matcher(text).find() ? Reason.DEVICE_UNAVAILABLE : Reason.EXECUTION_FAILED;
        return new InferenceException(reason, "model " + model + " failed: " + text, e);
    }

    /** {@return the cause in one line, without the stacks of C++ and of the model's code} */
    static String clean(RuntimeException e) {
        String text = String.valueOf(e.getMessage());
        int stack = text.indexOf("\nException raised from ");
        text = stack < 0 ? text : text.substring(0, stack);
        if (text.startsWith("The following operation failed in the TorchScript interpreter.")) {
            String[] lines = text.strip().split("\n");
            int last = lines.length - 1;
            while (last > 0 && (lines[last].isBlank() || lines[last].startsWith(" "))) {
                last--;
            }
            text = lines[last];
        }
        text = text.strip().replaceAll("\\s*\\R\\s*", " | ");
        return text.length() > MOST_CHARACTERS ? text.substring(0, MOST_CHARACTERS) + "..." : text;
    }
}
