// SPDX-License-Identifier: Apache-2.0
package io.edgewright.api.update;

/**
 * Where an update stands.
 *
 * @param state how far it is
 * @param percent of the state it is in, 0..100
 * @param message one line for people; for a failure what was expected and found
 */
public record UpdateProgress(State state, int percent, String message) {

    /**
     * The topic of the event that is published whenever an update gets on; its values are {@code id}, {@code state},
     * {@code percent}, {@code message} and, while and after it is fetched, {@code sizeBytes}.
     */
    public static final String TOPIC = "update/progress";

    /** How far an update is. */
    public enum State {
        /** It is known and waits. */
        OFFERED,
        /** Its content arrives. */
        DOWNLOADING,
        /** Its digest and signature are checked. */
        VERIFYING,
        /** It is stored and waits for its turn. */
        STAGED,
        /** It is being put to use. */
        APPLYING,
        /** It is in use and watched. */
        OBSERVING,
        /** It was observed to work. */
        SUCCEEDED,
        /** It was not applied; nothing changed. */
        FAILED,
        /** It was applied and undone. */
        ROLLED_BACK,
        /** It was ended on request before it was applied; nothing changed. */
        CANCELLED
    }

    /** {@return true if nothing more will happen} */
    public boolean ended() {
        return switch (state) {
            case SUCCEEDED, FAILED, ROLLED_BACK, CANCELLED -> true;
            case OFFERED, DOWNLOADING, VERIFYING, STAGED, APPLYING, OBSERVING -> false;
        };
    }
}
