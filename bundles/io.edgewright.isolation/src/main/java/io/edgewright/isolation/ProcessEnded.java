// SPDX-License-Identifier: Apache-2.0
package io.edgewright.isolation;

/** A child process is gone. */
final class ProcessEnded extends Exception {

    private static final long serialVersionUID = 1L;

    /** How it ended. */
    enum Ending {
        /** By itself: a signal, or somebody called exit. */
        CRASHED,
        /** It was killed for taking too long or too much memory; that may depend on the moment. */
        EXCEEDED,
        /** Somebody else killed it, such as a system without memory. */
        KILLED,
        /** It did not get as far as an engine that has started. */
        BROKEN,
        /** It was closed. */
        CLOSED
    }

    private final Ending ending;

    /** @param detail for people: a signal, a limit, the last words */
    ProcessEnded(Ending ending, String detail) {
        super(detail);
        this.ending = ending;
    }

    Ending ending() {
        return ending;
    }

    /** {@return for people: a signal, a limit, the last words} */
    String detail() {
        return String.valueOf(getMessage());
    }
}
