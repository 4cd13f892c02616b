// SPDX-License-Identifier: Apache-2.0
package io.edgewright.api.accelerator;

import java.time.Duration;

/**
 * A point in time after which an answer is of no use.
 *
 * @param nanoTime in terms of {@link System#nanoTime()}; compared by difference, as that may wrap
 * @param limited false for {@link #NONE}, which never passes
 */
public record Deadline(long nanoTime, boolean limited) {

    /** Never passes. */
    public static final Deadline NONE = new Deadline(0, false);

    /**
     * {@return a deadline that far from now}
     *
     * @param time positive; a time of more than 100 years is {@link #NONE}
     */
    public static Deadline in(Duration time) {
        return time.toDays() > 36_500 ? NONE : new Deadline(System.nanoTime() + time.toNanos(), true);
    }

    /** {@return the nanoseconds left, negative when passed, {@link Long#MAX_VALUE} for {@link #NONE}} */
    public long remainingNanos() {
        return limited ? nanoTime - System.nanoTime() : Long.MAX_VALUE;
    }

    /** {@return true when the time is over} */
    public boolean passed() {
        return limited && remainingNanos() <= 0;
    }
}
