// SPDX-License-Identifier: Apache-2.0
package io.edgewright.api.model;

import org.jspecify.annotations.Nullable;

/** A model could not be added, read or removed for a reason that the caller or operator can act on. */
public final class ModelException extends Exception {

    private static final long serialVersionUID = 1L;

    /** Why it failed. Names are stable: they appear in REST replies, metrics and logs. */
    public enum Reason {
        /** No store has this model or version. */
        NOT_FOUND,
        /** The file is no model, is cut short, or breaks a rule of its format or of the manifest. */
        INVALID_MODEL,
        /** The content does not have the digest that was promised. */
        DIGEST_MISMATCH,
        /** Another model with this name and version is stored. */
        ALREADY_EXISTS,
        /** It is larger than the store's limit. */
        TOO_LARGE,
        /** The disk is full or broken, or the folder may not be written. */
        STORAGE
    }

    private final Reason reason;

    /**
     * @param reason what the caller can act on
     * @param message what was expected and what was found
     * @param cause the underlying failure, or null
     */
    public ModelException(Reason reason, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.reason = reason;
    }

    /** {@return why it failed} */
    public Reason reason() {
        return reason;
    }
}
