// SPDX-License-Identifier: Apache-2.0
package io.edgewright.api.inference;

import io.edgewright.api.accelerator.Deadline;
import java.time.Duration;

/**
 * How urgent one request is. Make it once and use it for many requests: the deadline counts from each call.
 *
 * @param timeout how long the answer is of use; {@link #NO_TIMEOUT} for ever
 * @param priority among those that wait: higher goes first; -100..100, usually 0
 */
public record RequestOptions(Duration timeout, int priority) {

    /** Waits for ever. */
    public static final Duration NO_TIMEOUT = Duration.ofDays(100_000);

    /** No timeout, priority 0. */
    public static final RequestOptions DEFAULT = new RequestOptions(NO_TIMEOUT, 0);

    /** Checks. */
    public RequestOptions {
        if (timeout.isNegative() || timeout.isZero()) {
            throw new IllegalArgumentException("timeout is " + timeout + ", expected more than 0");
        }
        if (priority < -100 || priority > 100) {
            throw new IllegalArgumentException("priority is " + priority + ", expected -100 to 100");
        }
    }

    /**
     * {@return priority 0 and this timeout}
     *
     * @param timeout positive
     */
    public static RequestOptions within(Duration timeout) {
        return new RequestOptions(timeout, 0);
    }

    /** {@return the deadline of a request that starts now} */
    public Deadline deadline() {
        return timeout == NO_TIMEOUT ? Deadline.NONE : Deadline.in(timeout);
    }
}
