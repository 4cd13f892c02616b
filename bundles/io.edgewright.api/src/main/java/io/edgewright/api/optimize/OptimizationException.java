// SPDX-License-Identifier: Apache-2.0
package io.edgewright.api.optimize;

import org.jspecify.annotations.Nullable;

/** A model could not be optimized for a reason that the caller can act on; the model as it was goes on. */
public final class OptimizationException extends Exception {

    private static final long serialVersionUID = 1L;

    /** Why it failed. Names are stable. */
    public enum Reason {
        /** The model has something that the pass does not handle. */
        UNSUPPORTED,
        /** A parameter is unknown or out of range. */
        BAD_PARAMETER,
        /** The pass needs calibration data and there is none that fits. */
        NO_CALIBRATION,
        /** It was no longer wanted. */
        CANCELLED,
        /** Memory or disk did not suffice, or a file could not be read or written. */
        RESOURCES
    }

    private final Reason reason;

    /**
     * @param reason what the caller can act on
     * @param message what was expected and what was found
     * @param cause the underlying failure, or null
     */
    public OptimizationException(Reason reason, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.reason = reason;
    }

    /** {@return why it failed} */
    public Reason reason() {
        return reason;
    }
}
