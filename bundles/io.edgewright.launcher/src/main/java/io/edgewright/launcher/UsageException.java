// SPDX-License-Identifier: Apache-2.0
package io.edgewright.launcher;

/** The command line is wrong; the message says what was expected. Ends the program with {@link Exit#USAGE}. */
final class UsageException extends Exception {

    private static final long serialVersionUID = 1L;

    UsageException(String message) {
        super(message);
    }
}
