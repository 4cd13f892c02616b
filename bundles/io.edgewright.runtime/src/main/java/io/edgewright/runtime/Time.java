// SPDX-License-Identifier: Apache-2.0
package io.edgewright.runtime;

import java.time.Duration;
import java.time.Instant;

/** Time, and work to be done later; tests bring their own. */
interface Time {

    /** {@return monotonic nanoseconds} */
    long nanos();

    /** {@return the wall clock} */
    Instant now();

    /** Does some work once, not before the delay is over. */
    void later(Duration delay, Runnable work);
}
