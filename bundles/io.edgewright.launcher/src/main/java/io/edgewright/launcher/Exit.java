// SPDX-License-Identifier: Apache-2.0
package io.edgewright.launcher;

/** Exit codes. They are stable: scripts and service managers act on them. */
enum Exit {
    /** It was done. */
    DONE(0),
    /** It failed; standard error says why. */
    FAILED(1),
    /** The command line is wrong. */
    USAGE(2),
    /** There is no running gateway, or it does not answer. */
    NO_GATEWAY(3),
    /** Another gateway runs on the same home. */
    HOME_IN_USE(4),
    /** The gateway could not open its port. */
    NO_PORT(5);

    private final int code;

    Exit(int code) {
        this.code = code;
    }

    int code() {
        return code;
    }
}
