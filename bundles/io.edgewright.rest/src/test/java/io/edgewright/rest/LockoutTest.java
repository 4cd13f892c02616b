// SPDX-License-Identifier: Apache-2.0
package io.edgewright.rest;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

final class LockoutTest {

    private final Lockout lockout = new Lockout(2);

    @Test
    void letsACallerWaitTwiceAsLongEachTimeUpToFiveMinutes() {
        for (int i = 0; i < 2; i++) {
            lockout.failed("a", 0);
            assertThat(lockout.waitSeconds("a", 0)).isZero();
        }
        lockout.failed("a", 0);
        assertThat(lockout.waitSeconds("a", 0)).isEqualTo(1);
        lockout.failed("a", 0);
        assertThat(lockout.waitSeconds("a", 0)).isEqualTo(2);
        for (int i = 0; i < 50; i++) {
            lockout.failed("a", 0);
        }
        assertThat(lockout.waitSeconds("a", 0)).isEqualTo(300);
        assertThat(lockout.waitSeconds("b", 0)).isZero();
    }

    @Test
    void forgetsAfterAnHourSoThatSlipsOfMonthsDoNotAddUp() {
        for (int i = 0; i < 20; i++) {
            lockout.failed("a", 0);
        }
        long later = Duration.ofHours(2).toNanos();
        lockout.failed("a", later);
        assertThat(lockout.waitSeconds("a", later)).isZero();
    }
}
