// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.remote;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** An exchange with the server that did not come to a whole answer. The message says what was expected and found. */
final class Trouble extends IOException {

    private static final long serialVersionUID = 1L;

    /** What went wrong; tells whether sending the request again is safe. */
    enum Kind {
        /** No connection was made: nothing was sent. */
        UNREACHABLE,
        /** The server is not the one that is trusted, or speaks no TLS that this machine accepts: nothing was sent. */
        TLS,
        /** A kept connection was closed before it took a byte of the request. */
        STALE,
        /** The connection ended after the request was sent, at least in part, and before the answer was whole. */
        BROKEN,
        /** The time was over. */
        TIMEOUT,
        /** Somebody asked for the end. */
        CANCELLED,
        /** What came is no answer: not HTTP, not JSON, or not what was asked for. */
        PROTOCOL,
        /** The answer is longer than allowed. */
        TOO_LARGE,
        /** The driver was stopped. */
        CLOSED
    }

    private final Kind kind;

    Trouble(Kind kind, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    Trouble(Kind kind, String message) {
        this(kind, message, null);
    }

    Kind kind() {
        return kind;
    }

    String text() {
        return String.valueOf(getMessage());
    }
}
