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
        /** A pass or parameter is unknown, or a parameter is out of range. */
        BAD_PARAMETER,
        /** Calibration data is needed and there is none that fits. */
        NO_CALIBRATION,
        /** It was no longer wanted. */
        CANCELLED,
        /** The device or its driver failed or left; it may come back. */
        DEVICE,
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

    /**
     * @param reason what the caller can act on
     * @param message what was expected and what was found
     */
    public OptimizationException(Reason reason, String message) {
        this(reason, message, null);
    }

    /** {@return why it failed} */
    public Reason reason() {
        return reason;
    }
}
