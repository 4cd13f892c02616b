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
        SESSION,
        /** An adapter answers for him. */
        TRUSTED
    }

    static Identity anonymous(Role role) {
        return new Identity("", role, Kind.ANONYMOUS, "");
    }

    /**
     * {@return a caller whom an adapter has authenticated}
     *
     * @throws IllegalArgumentException if he has no name, or no role that a user can have
     */
    static Identity trusted(String user, String role) {
        if (user.isBlank()) {
            throw new IllegalArgumentException("the user is blank, expected the name of who calls");
        }
        return new Identity(user, Role.ofUser(role), Kind.TRUSTED, "");
    }

    /** {@return true if the browser sends the credential by itself, so that another site could make it send a write} */
    boolean ambient() {
        return kind == Kind.ANONYMOUS || kind == Kind.SESSION;
    }
}
