// SPDX-License-Identifier: Apache-2.0
package io.edgewright.rest;

import java.io.IOException;
import java.io.InputStream;

/** Ends with {@link TooLarge} when more than the limit is read. */
final class LimitedInput extends InputStream {

    /** More than the limit came. */
    static final class TooLarge extends IOException {

        private static final long serialVersionUID = 1L;

        private final long limit;

        TooLarge(long limit) {
            super("more than " + limit + " bytes came");
            this.limit = limit;
        }

        long limit() {
            return limit;
        }
    }

    private final InputStream in;
    private final long limit;
    private long count;
    private boolean exceeded;

    LimitedInput(InputStream in, long limit) {
        this.in = in;
        this.limit = limit;
    }

    /** {@return true if reading ended because of the limit} */
    boolean exceeded() {
        return exceeded;
    }

    @Override
    public int read() throws IOException {
        int value = in.read();
        if (value >= 0) {
            add(1);
        }
        return value;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        int n = in.read(target, offset, length);
        if (n > 0) {
            add(n);
        }
        return n;
    }

    @Override
    public int available() throws IOException {
        return in.available();
    }

    private void add(int n) throws TooLarge {
        count += n;
        if (count > limit) {
            exceeded = true;
            throw new TooLarge(limit);
        }
    }
}
