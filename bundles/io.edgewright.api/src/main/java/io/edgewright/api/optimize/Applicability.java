// SPDX-License-Identifier: Apache-2.0
package io.edgewright.api.optimize;

/**
 * Whether a pass is worth applying to a model.
 *
 * @param applicable true if it is
 * @param reason one line for people
 */
public record Applicability(boolean applicable, String reason) {

    /**
     * {@return it is}
     *
     * @param reason one line for people, such as {@code 52 convolutions in float}
     */
    public static Applicability yes(String reason) {
        return new Applicability(true, reason);
    }

    /**
     * {@return it is not}
     *
     * @param reason one line for people, such as {@code is int8 already}
     */
    public static Applicability no(String reason) {
        return new Applicability(false, reason);
    }
}
