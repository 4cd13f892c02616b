// SPDX-License-Identifier: Apache-2.0
package io.edgewright.rest;

import java.util.Locale;

/** What a caller may do; a higher role may do what a lower one may. */
enum Role {
    /** Only what is open to anyone. */
    NONE,
    /** Read, and ask models. */
    VIEWER,
    /** Also change models and deployments. */
    OPERATOR,
    /** Also manage users and tokens. */
    ADMIN;

    boolean includes(Role needed) {
        return compareTo(needed) >= 0;
    }

    /** {@return the name in JSON and in configurations} */
    String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * {@return the role with that name, which is one of those that users have}
     *
     * @throws IllegalArgumentException if there is none
     */
    static Role ofUser(String word) {
        Role role = parse(word);
        if (role == NONE) {
            throw new IllegalArgumentException("role is '" + word + "', expected viewer, operator or admin");
        }
        return role;
    }

    /**
     * {@return the role with that name}
     *
     * @throws IllegalArgumentException if there is none
     */
    static Role parse(String word) {
        return switch (word) {
            case "none", "anyone" -> NONE;
            case "viewer" -> VIEWER;
            case "operator" -> OPERATOR;
            case "admin" -> ADMIN;
            default -> throw new IllegalArgumentException("role is '" + word + "', expected viewer, operator or admin");
        };
    }
}
