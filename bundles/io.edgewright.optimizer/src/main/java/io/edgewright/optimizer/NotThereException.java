// SPDX-License-Identifier: Apache-2.0
package io.edgewright.optimizer;

/** Something that a request needs is not there now; the request waits for it. */
final class NotThereException extends Exception {

    private static final long serialVersionUID = 1L;

    /** @param message what is missing, and what to do about it */
    NotThereException(String message) {
        super(message);
    }
}
