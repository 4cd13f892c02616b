// SPDX-License-Identifier: Apache-2.0
package io.edgewright.rest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.api.Test;

final class BufferPoolTest {

    private final BufferPool pool = new BufferPool(() -> 100_000);

    @Test
    void countsWhatJsonTakesTogetherWithBinaryBodies() throws Exception {
        try (BufferPool.Share one = pool.share(80_000);
                BufferPool.Share other = pool.share(80_000)) {
            one.take(60_000);
            assertThatExceptionOfType(HttpProblem.class)
                    .isThrownBy(() -> other.take(60_000))
                    .satisfies(e -> assertThat(e.status()).isEqualTo(503));
            assertThatExceptionOfType(HttpProblem.class)
                    .isThrownBy(() -> pool.lease(65_536))
                    .satisfies(e -> assertThat(e.status()).isEqualTo(503));
            assertThatExceptionOfType(HttpProblem.class)
                    .isThrownBy(() -> one.take(20_001))
                    .satisfies(e -> assertThat(e.status()).isEqualTo(413));
        }
        assertThat(pool.used()).isZero();
    }
}
