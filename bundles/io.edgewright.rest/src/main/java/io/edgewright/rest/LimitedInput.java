// SPDX-License-Identifier: Apache-2.0
package io.edgewright.rest;

import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * Ends with {@link Refused} when more than the limit is read, or when the sender takes his time: who dribbles his bytes would
 * hold a thread of the server for as long as he likes.
 */
final class LimitedInput extends InputStream {

    private static final long GRACE_NANOS = Duration.ofSeconds(30).toNanos();
    private static final long LEAST_BYTES_PER_SECOND = 1024;

    /** The rest of the body is not wanted. */
    static final class Refused extends IOException {

        private static final long serialVersionUID = 1L;

        private final transient HttpProblem problem;

        Refused(HttpProblem problem) {
            super(problem.getMessage());
            this.problem = problem;
        }

        /** {@return what to answer} */
        HttpProblem problem() {
            return problem;
        }
    }

    private final InputStream in;
    private final long limit;
    private final LongSupplier clock;
    private long count;
    private long waitedNanos; // in reading only: what is done with the bytes is not the sender's time

    LimitedInput(InputStream in, long limit) {
        this(in, limit, System::nanoTime);
    }

    LimitedInput(InputStream in, long limit, LongSupplier clock) {
        this.in = in;
        this.limit = limit;
        this.clock = clock;
    }

    @Override
    public int read() throws IOException {
        long began = clock.getAsLong();
        int value = in.read();
        add(value >= 0 ? 1 : 0, began);
        return value;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        long began = clock.getAsLong();
        int n = in.read(target, offset, length);
        add(Math.max(0, n), began);
        return n;
    }

    @Override
    public int available() throws IOException {
        return in.available();
    }

    private void add(int n, long began) throws Refused {
        count += n;
        waitedNanos += clock.getAsLong() - began;
        if (count > limit) {
            throw new Refused(HttpProblem.tooLarge(limit));
        }
        if (n > 0 && count < (waitedNanos - GRACE_NANOS) / 1e9 * LEAST_BYTES_PER_SECOND) {
            throw new Refused(HttpProblem.tooSlow(count, waitedNanos));
        }
    }
}
