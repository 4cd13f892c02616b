// SPDX-License-Identifier: Apache-2.0
package io.edgewright.api.accelerator;

import org.jspecify.annotations.Nullable;

/** A model could not be loaded or run for a reason the caller can act on. Programming errors are unchecked. */
public final class InferenceException extends Exception {

    private static final long serialVersionUID = 1L;

    /** Why it failed. Names are stable: they appear in metrics, REST replies and Kura logs. */
    public enum Reason {
        /** The model file is broken, or it crashed the engine when it was tried; no device will take it. */
        MODEL_INVALID,
        /** The device lacks an operator, opset or element type the model needs; another device may do. */
        MODEL_UNSUPPORTED,
        /** The input names, types or shapes do not match the model; the caller must change them. */
        INPUT_MISMATCH,
        /** The device is missing, busy or out of memory; trying again later or elsewhere may work. */
        DEVICE_UNAVAILABLE,
        /** The run was cut off because its time was over, or its turn did not come in time. */
        DEADLINE_EXCEEDED,
        /** Too many requests wait already; nothing was tried. Come back later. */
        QUEUE_FULL,
        /** The deployment has no version that serves yet, or no longer. */
        NOT_READY,
        /** The model ran and failed on these inputs; another device would fail too. */
        EXECUTION_FAILED
    }

    private final Reason reason;

    /**
     * @param reason what the caller can act on
     * @param message what was expected and what was found, with names and shapes
     * @param cause the underlying failure, or null
     */
    public InferenceException(Reason reason, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.reason = reason;
    }

    /** {@return why it failed} */
    public Reason reason() {
        return reason;
    }
}
