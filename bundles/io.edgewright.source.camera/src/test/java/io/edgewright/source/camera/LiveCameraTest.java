// SPDX-License-Identifier: Apache-2.0
package io.edgewright.source.camera;

import static org.assertj.core.api.Assertions.assertThat;

import io.edgewright.api.source.Frame;
import io.edgewright.api.source.FrameStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A network camera, from the first connection over a loss to the last goodbye. */
@Timeout(120)
final class LiveCameraTest {

    @TempDir
    static Path home;

    @Test
    void deliversFramesAndComesBackAfterTheCameraWasLost() throws Exception {
        try (RtspServer camera = new RtspServer();
                CameraSource source = Videos.source(home, camera.url(), Map.of("timeout.seconds", 5));
                FrameStream stream = source.open()) {
            Frame first = await(stream);
            assertThat(first.width()).isEqualTo(RtspServer.WIDTH);
            assertThat(first.height()).isEqualTo(RtspServer.HEIGHT);
            int shade = first.bgr().get(0) & 255;
            assertThat((shade - 20) % 7).as("a shade that the camera sends").isZero();
            assertThat(first.bgr().get(first.bgr().limit() - 1) & 255).isEqualTo(shade);

            long before = await(stream).sequence();
            camera.dropConnections();
            drain(stream, () -> source.trouble().isPresent());
            assertThat(source.status()).endsWith("; trying again");

            drain(stream, () -> camera.plays() == 2); // a frame from before may have been waiting
            Frame again = await(stream);
            assertThat(again.sequence()).isGreaterThan(before);
            drain(stream, () -> source.trouble().isEmpty());
            assertThat(source.status()).contains("reconnected once");
            assertThat(stream.ended()).isFalse();
        }
    }

    @Test
    void connectsOnceForAllReadersAndLetsGoWithTheLast() throws Exception {
        try (RtspServer camera = new RtspServer();
                CameraSource source = Videos.source(home, camera.url(), Map.of())) {
            FrameStream one = source.open();
            FrameStream two = source.open();
            assertThat(await(one).sequence()).isNotNegative();
            assertThat(await(two).sequence()).isNotNegative();
            assertThat(camera.plays()).isEqualTo(1);

            one.close();
            assertThat(await(two).sequence()).isNotNegative();
            assertThat(camera.teardown(0)).isFalse();
            two.close();
            assertThat(camera.teardown(30)).isTrue();
            assertThat(source.status()).endsWith(": not read by anyone");

            try (FrameStream three = source.open()) {
                assertThat(await(three).sequence()).isNotNegative();
                assertThat(camera.plays()).isEqualTo(2);
            }
        }
    }

    @Test
    void aReaderThatIsBusyGetsTheNewestFrameAndIsToldWhatItMissed() throws Exception {
        try (RtspServer camera = new RtspServer();
                CameraSource source = Videos.source(home, camera.url(), Map.of());
                FrameStream busy = source.open();
                FrameStream quick = source.open()) {
            long first = await(busy).sequence();
            long newest = 0;
            while (newest < first + 20) {
                newest = await(quick).sequence();
            }
            long second = await(busy).sequence();
            assertThat(second).isGreaterThanOrEqualTo(newest);
            assertThat(busy.dropped()).isEqualTo(second - first - 1);
        }
    }

    private static Frame await(FrameStream stream) throws InterruptedException {
        Optional<Frame> frame = stream.next(Duration.ofSeconds(40));
        return frame.orElseThrow(() -> new AssertionError("no frame for 40 s"));
    }

    /** Reads until the condition holds. */
    private static void drain(FrameStream stream, BooleanSupplier condition) throws InterruptedException {
        long end = System.nanoTime() + Duration.ofSeconds(40).toNanos();
        while (!condition.getAsBoolean() && System.nanoTime() < end) {
            Optional<Frame> ignored = stream.next(Duration.ofMillis(20));
            assertThat(ignored).isNotNull();
        }
        assertThat(condition.getAsBoolean()).isTrue();
    }
}
