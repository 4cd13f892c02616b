// SPDX-License-Identifier: Apache-2.0
package io.edgewright.rest;

/**
 * Who calls, as far as is known.
 *
 * @param user the user's or token's name; empty if nobody said who he is
 * @param role what he may do
 * @param kind how he showed it
 * @param session the session's id where {@code kind} is {@code SESSION}, else empty
 */
record Identity(String user, Role role, Kind kind, String session) {

    enum Kind {
        ANONYMOUS,
        BASIC,
        TOKEN,
        LOCAL,
        SESSION
    }

    static Identity anonymous(Role role) {
        return new Identity("", role, Kind.ANONYMOUS, "");
    }

    /** {@return true if the browser sends the credential by itself, so that another site could make it send a write} */
    boolean ambient() {
        return kind == Kind.ANONYMOUS || kind == Kind.SESSION;
    }
}
