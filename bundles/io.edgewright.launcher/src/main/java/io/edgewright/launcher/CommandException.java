// SPDX-License-Identifier: Apache-2.0
package io.edgewright.launcher;

import org.jspecify.annotations.Nullable;

/** A command could not do what it was told; the message is for the person who gave it. */
final class CommandException extends Exception {

    private static final long serialVersionUID = 1L;

    private final Exit exit;

    CommandException(Exit exit, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.exit = exit;
    }

    Exit exit() {
        return exit;
    }
}
