// SPDX-License-Identifier: Apache-2.0
package io.edgewright.kura.inference;

import io.edgewright.api.accelerator.InferenceException;
import org.eclipse.kura.KuraErrorCode;
import org.eclipse.kura.KuraException;

/** Our errors in Kura's form. The cause keeps the whole text, as the texts of some of Kura's codes leave the details out. */
final class KuraErrors {

    private KuraErrors() {}

    /** {@return the error with the code that fits its reason} */
    static KuraException of(String model, InferenceException e) {
        KuraErrorCode code =
                switch (e.reason()) {
                    case INPUT_MISMATCH -> KuraErrorCode.INVALID_PARAMETER;
                    case NOT_READY, QUEUE_FULL, DEVICE_UNAVAILABLE -> KuraErrorCode.SERVICE_UNAVAILABLE;
                    case DEADLINE_EXCEEDED -> KuraErrorCode.TIMED_OUT;
                    case MODEL_INVALID, MODEL_UNSUPPORTED, EXECUTION_FAILED -> KuraErrorCode.INTERNAL_ERROR;
                };
        return of(code, e, "model '" + model + "': " + e.reason() + ": " + e.getMessage());
    }

    /** {@return an error of that code} */
    static KuraException of(KuraErrorCode code, Throwable cause, String message) {
        return new KuraException(code, new IllegalStateException(message, cause), message);
    }

    /** {@return an error of that code that nothing else caused} */
    static KuraException of(KuraErrorCode code, String message) {
        return new KuraException(code, new IllegalStateException(message), message);
    }
}
