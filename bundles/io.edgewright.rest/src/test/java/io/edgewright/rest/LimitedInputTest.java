// SPDX-License-Identifier: Apache-2.0
package io.edgewright.rest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

final class LimitedInputTest {

    private final AtomicLong nanos = new AtomicLong();

    @Test
    void endsASenderWhoDribblesHisBytes() throws Exception {
        var in = new LimitedInput(dribble(Duration.ofSeconds(10)), 1000, nanos::get);
        assertThat(in.readNBytes(3)).hasSize(3); // half a minute is everybody's
        assertThatExceptionOfType(LimitedInput.Refused.class)
                .isThrownBy(in::readAllBytes)
                .satisfies(e -> assertThat(e.problem().status()).isEqualTo(408))
                .withMessage("only 4 bytes of the body came in 40 seconds");
    }

    @Test
    void leavesASlowLineAlone() throws Exception {
        var in = new LimitedInput(dribble(Duration.ofNanos(900_000)), 100_000, nanos::get);
        assertThat(in.readNBytes(100_000)).hasSize(100_000); // in 90 seconds
    }

    @Test
    void countsTheTimeOfReadingOnly() throws Exception {
        var in = new LimitedInput(new ByteArrayInputStream(new byte[2]), 10, nanos::get);
        assertThat(in.read()).isZero();
        nanos.addAndGet(Duration.ofHours(1).toNanos());
        assertThat(in.read()).isZero();
    }

    /** {@return zeros, one at a time, each after such a while} */
    private InputStream dribble(Duration each) {
        return new InputStream() {
            @Override
            public int read() {
                nanos.addAndGet(each.toNanos());
                return 0;
            }

            @Override
            public int read(byte[] target, int offset, int length) throws IOException {
                return length == 0 ? 0 : super.read(target, offset, 1);
            }
        };
    }
}
