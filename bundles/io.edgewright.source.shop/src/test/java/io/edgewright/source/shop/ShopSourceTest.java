// SPDX-License-Identifier: Apache-2.0
package io.edgewright.source.shop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.edgewright.api.source.Frame;
import io.edgewright.api.source.FrameStream;
import io.edgewright.testkit.Configs;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class ShopSourceTest {

    private static final Duration LONG = Duration.ofSeconds(30);

    @Test
    void fastPaceDeliversEveryFrameAndEnds() throws Exception {
        ShopSource source = source(Map.of("pace", "fast", "frames", 40, "width", 160, "height", 90, "fps", 10));
        try (FrameStream stream = source.open()) {
            for (int i = 0; i < 40; i++) {
                assertThat(stream.ended()).isFalse();
                Frame frame = stream.next(LONG).orElseThrow();
                assertThat(frame.sequence()).isEqualTo(i);
                assertThat(frame.position()).isEqualTo(Duration.ofMillis(100L * i));
                assertThat(frame.bgr().isDirect()).isTrue();
            }
            assertThat(stream.ended()).isTrue();
            assertThat(stream.next(LONG)).isEmpty();
            assertThat(stream.dropped()).isZero();
        }
    }

    @Test
    void realtimePaceDropsWhatASlowReaderMisses() throws Exception {
        ShopSource source = source(Map.of("width", 160, "height", 90, "fps", 60));
        try (FrameStream stream = source.open();
                FrameStream other = source.open()) {
            long first = stream.next(LONG).orElseThrow().sequence();
            // while this reader is away another one sees the shop move on
            long seen = first;
            while (seen < first + 10) {
                seen = other.next(LONG).orElseThrow().sequence();
            }
            long second = stream.next(LONG).orElseThrow().sequence();
            assertThat(second).isGreaterThanOrEqualTo(seen);
            assertThat(stream.dropped()).isEqualTo(second - first - 1);
            assertThat(stream.ended()).isFalse();
        }
    }

    @Test
    void aFrameThatIsNotDueYetIsNotDelivered() throws Exception {
        try (FrameStream stream =
                source(Map.of("width", 64, "height", 64, "fps", 1)).open()) {
            assertThat(stream.next(LONG)).isPresent();
            boolean waited = false;
            for (int i = 0; i < 20 && !waited; i++) { // a machine that stands still for a second may find one due
                waited = stream.next(Duration.ofMillis(1)).isEmpty();
            }
            assertThat(waited).isTrue();
        }
    }

    @Test
    void closingFreesAReaderThatWaits() throws Exception {
        FrameStream stream = source(Map.of("width", 64, "height", 64, "fps", 1)).open();
        assertThat(stream.next(LONG)).isPresent();
        CompletableFuture<Boolean> waiting = CompletableFuture.supplyAsync(() -> {
            try {
                while (!stream.ended()) {
                    stream.next(LONG);
                }
                return true;
            } catch (InterruptedException e) {
                return false;
            }
        });
        stream.close();
        stream.close();
        assertThat(waiting.get(20, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void statusSaysWhatItIsAndWhoLooks() throws Exception {
        ShopSource source = source(Map.of("width", 64, "height", 64));
        assertThat(source.name()).isEqualTo("shop");
        try (FrameStream stream = source.open()) {
            assertThat(stream.ended()).isFalse();
            assertThat(source.status()).isEqualTo("rendered shop 0, seed 1: 64 x 64, 15 frames/s, 1 stream");
        }
        assertThat(source.status()).endsWith("0 streams");
    }

    @Test
    void refusesSettingsOutOfRangeSayingWhatIsExpected() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> source(Map.of("pace", "slow")))
                .withMessage("pace is 'slow', expected realtime or fast");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> source(Map.of("width", 5000)))
                .withMessage("width is 5000, expected 64 to 1920");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> source(Map.of("customers.per.minute", -1)))
                .withMessageContaining("customers.per.minute is -1.0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> source(Map.of("name", " ")))
                .withMessageContaining("name is blank");
    }

    private static ShopSource source(Map<String, Object> properties) {
        return new ShopSource(ShopSettings.of(Configs.of(ShopComponent.Config.class, properties)));
    }
}
