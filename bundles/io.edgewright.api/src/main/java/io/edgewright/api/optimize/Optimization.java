// SPDX-License-Identifier: Apache-2.0
package io.edgewright.api.optimize;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * How the work on a request is.
 *
 * @param id of the request: the same for equal requests
 * @param request what is wished
 * @param state how it is
 * @param fraction how far it is, 0..1
 * @param message one line for people: what is being done, what came out, or why not
 * @param since when the state began
 * @param samples how many samples were used
 * @param original the model as it is, measured beside the variants; {@link Measurement#NONE} before
 * @param variants what was tried, in the order in which it was tried
 * @param chosen the key of the variant that is best; empty if there is none
 */
public record Optimization(
        String id,
        OptimizationRequest request,
        State state,
        double fraction,
        String message,
        Instant since,
        int samples,
        Measurement original,
        List<Variant> variants,
        String chosen) {

    /** How it is. Names are stable. */
    public enum State {
        /** Waits for its turn, or for a model, device or pass that is not there; the message says for which. */
        WAITING,
        /** It is being worked on. */
        RUNNING,
        /** It is done: a variant was chosen, or none pays. */
        DONE,
        /** It cannot be done; the message says what to change. */
        FAILED,
        /** It was called off. */
        CANCELLED
    }

    /** Copies. */
    public Optimization {
        variants = List.copyOf(variants);
    }

    /** {@return the variant that is best} */
    public Optional<Variant> best() {
        return chosen.isEmpty()
                ? Optional.empty()
                : variants.stream().filter(v -> v.key().equals(chosen)).findFirst();
    }

    /** {@return true if nothing more happens by itself} */
    public boolean ended() {
        return state == State.DONE || state == State.FAILED || state == State.CANCELLED;
    }
}
