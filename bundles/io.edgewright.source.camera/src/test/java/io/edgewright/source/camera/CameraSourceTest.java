// SPDX-License-Identifier: Apache-2.0
package io.edgewright.source.camera;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.edgewright.api.health.HealthCheck;
import io.edgewright.api.source.Frame;
import io.edgewright.api.source.FrameStream;
import io.edgewright.testkit.TestData;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
final class CameraSourceTest {

    private static final Duration LONG = Duration.ofSeconds(20);

    /** Shared by all tests: the libraries are unpacked once for each virtual machine. */
    @TempDir
    static Path home;

    @TempDir
    Path dir;

    @Test
    void fastPaceDeliversEveryFrameOfAFileWithItsPositionAndColours() throws Exception {
        Path file = Files.write(dir.resolve("grey.y4m"), Videos.grey(70, 50, 10, 30));
        try (CameraSource source = Videos.source(home, file, Map.of("pace", "fast"));
                FrameStream stream = source.open()) {
            for (int i = 0; i < 30; i++) {
                Frame frame = stream.next(LONG).orElseThrow();
                assertThat(frame.sequence()).isEqualTo(i);
                assertThat(frame.position()).isEqualTo(Duration.ofMillis(100L * i));
                assertThat(frame.width()).isEqualTo(70);
                assertThat(frame.height()).isEqualTo(50);
                assertGrey(frame.bgr(), Videos.grey(i));
            }
            assertThat(stream.next(LONG)).isEmpty();
            assertThat(stream.ended()).isTrue();
            assertThat(stream.dropped()).isZero();
            assertThat(source.status()).isEqualTo(file + ": played to its end");
        }
    }

    @Test
    void makesAPictureSmallerThatIsWiderOrHigherThanAllowed() throws Exception {
        Path file = Files.write(dir.resolve("large.y4m"), Videos.grey(640, 240, 10, 2));
        try (CameraSource source = Videos.source(home, file, Map.of("pace", "fast", "max.width", 100));
                FrameStream stream = source.open()) {
            Frame frame = stream.next(LONG).orElseThrow();
            assertThat(frame.width()).isEqualTo(100);
            assertThat(frame.height()).isEqualTo(38);
            assertGrey(frame.bgr(), Videos.grey(0));
        }
    }

    @Test
    void loopBeginsAgainAndGoesOnCounting() throws Exception {
        Path file = Files.write(dir.resolve("loop.y4m"), Videos.grey(32, 32, 10, 4));
        try (CameraSource source = Videos.source(home, file, Map.of("pace", "fast", "loop", true));
                FrameStream stream = source.open()) {
            for (int i = 0; i < 11; i++) {
                Frame frame = stream.next(LONG).orElseThrow();
                assertThat(frame.sequence()).isEqualTo(i);
                assertThat(frame.position()).isEqualTo(Duration.ofMillis(100L * (i % 4)));
            }
            assertThat(stream.ended()).isFalse();
        }
    }

    @Test
    void realtimePacePlaysAFileByItsClockAndEnds() throws Exception {
        Path file = Files.write(dir.resolve("clock.y4m"), Videos.grey(32, 32, 25, 25));
        try (CameraSource source = Videos.source(home, file, Map.of());
                FrameStream stream = source.open()) {
            long seen = 0;
            long last = -1;
            long began = 0;
            while (!stream.ended()) {
                Optional<Frame> frame = stream.next(LONG);
                if (frame.isPresent()) {
                    began = seen == 0 ? System.nanoTime() : began;
                    assertThat(frame.get().sequence()).isGreaterThan(last);
                    last = frame.get().sequence();
                    seen++;
                }
            }
            assertThat(last).isEqualTo(24);
            assertThat(seen + stream.dropped()).isBetween(20L, 25L); // the first may be missed before we look
            assertThat(System.nanoTime() - began).isGreaterThan(TimeUnit.MILLISECONDS.toNanos(500));
        }
    }

    @Test
    void aMissingFileIsSaidAndReadOnceItIsThere() throws Exception {
        Path file = dir.resolve("later.y4m");
        for (String pace : new String[] {"fast", "realtime"}) {
            Files.deleteIfExists(file);
            try (CameraSource source = Videos.source(home, file, Map.of("pace", pace));
                    FrameStream stream = source.open()) {
                assertThat(awaitTrouble(source, stream)).isEqualTo("there is no such file");
                assertThat(source.status()).isEqualTo(file + ": there is no such file; trying again");
                assertThat(new CameraHealth(source).check()).singleElement().satisfies(f -> assertThat(f.severity())
                        .isEqualTo(HealthCheck.Severity.WARNING));
                assertThat(stream.ended()).isFalse();

                Files.write(file, Videos.grey(32, 32, 5, 3));
                assertThat(stream.next(LONG)).isPresent();
                assertThat(source.trouble()).isEmpty();
            }
        }
    }

    @Test
    void aFileThatIsNoVideoIsSaid() throws Exception {
        Path text = Files.writeString(dir.resolve("notes.txt"), "no video at all\n".repeat(100));
        try (CameraSource source = Videos.source(home, text, Map.of("pace", "fast"));
                FrameStream stream = source.open()) {
            assertThat(stream.next(Duration.ofMillis(10))).isEmpty();
            assertThat(source.trouble().orElseThrow()).startsWith("is broken or no video, expected one like mp4");
        }
        try (CameraSource source = Videos.source(home, dir, Map.of("pace", "fast"));
                FrameStream stream = source.open()) {
            assertThat(stream.next(Duration.ofMillis(10))).isEmpty();
            assertThat(source.trouble()).contains("not a file that can be read");
        }
    }

    @Test
    void aPlaylistCannotMakeAFileFetchFromTheNetwork() throws Exception {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            CompletableFuture<Integer> firstCaller = CompletableFuture.supplyAsync(() -> {
                try (Socket caller = server.accept()) {
                    return caller.getInputStream().read();
                } catch (IOException e) {
                    return -1;
                }
            });
            Path list = Files.writeString(
                    dir.resolve("list.m3u8"),
                    "#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:5,\nhttp://127.0.0.1:%d/a.ts\n#EXT-X-ENDLIST\n"
                            .formatted(server.getLocalPort()));
            try (CameraSource source = Videos.source(home, list, Map.of("pace", "fast"));
                    FrameStream stream = source.open()) {
                assertThat(stream.next(Duration.ofMillis(10))).isEmpty();
                assertThat(source.trouble()).isPresent();
            }
            try (Socket own = new Socket(server.getInetAddress(), server.getLocalPort())) {
                own.getOutputStream().write('x');
            }
            assertThat(firstCaller.get(10, TimeUnit.SECONDS)).isEqualTo('x');
        }
    }

    @Test
    void closingFreesAReaderWhoseCameraDoesNotAnswer() throws Exception {
        // given a camera that takes the connection and says nothing
        try (ServerSocket server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            String url = "rtsp://user:secret@127.0.0.1:" + server.getLocalPort() + "/live";
            CameraSource source = Videos.source(home, url, Map.of("timeout.seconds", 60));
            FrameStream stream = source.open();
            assertThat(server.accept().isConnected()).isTrue();
            CompletableFuture<Optional<Frame>> reader = CompletableFuture.supplyAsync(() -> {
                try {
                    return stream.next(Duration.ofSeconds(50));
                } catch (InterruptedException e) {
                    return Optional.empty();
                }
            });
            assertThat(source.status())
                    .isEqualTo("rtsp://***@127.0.0.1:" + server.getLocalPort() + "/live: connecting");

            // when it is closed, then all comes back long before the timeout
            source.close();
            assertThat(reader.get(20, TimeUnit.SECONDS)).isEmpty();
            assertThat(stream.ended()).isTrue();
        }
    }

    @Test
    void aCameraThatDoesNotAnswerIsGivenUpAfterTheTimeoutAndTriedAgain() throws Exception {
        try (ServerSocket server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            String url = "rtsp://127.0.0.1:" + server.getLocalPort() + "/live";
            try (CameraSource source = Videos.source(home, url, Map.of("timeout.seconds", 1));
                    FrameStream stream = source.open()) {
                assertThat(server.accept().isConnected()).isTrue();
                assertThat(server.accept().isConnected()).as("tried again").isTrue();
                assertThat(stream.next(Duration.ZERO)).isEmpty();
                assertThat(source.status()).endsWith("; trying again");
                assertThat(stream.ended()).isFalse();
            }
        }
    }

    @Test
    void readsARealVideoWholeAndInOrder() throws Exception {
        Path file = TestData.require("video/one-by-one-person-detection.mp4");
        try (CameraSource source = Videos.source(home, file, Map.of("pace", "fast"));
                FrameStream stream = source.open()) {
            Duration last = Duration.ofMillis(-1);
            int count = 0;
            while (!stream.ended()) {
                Optional<Frame> frame = stream.next(LONG);
                if (frame.isPresent()) {
                    assertThat(frame.get().position()).isGreaterThan(last);
                    last = frame.get().position();
                    count++;
                    assertThat(frame.get().width()).isEqualTo(768);
                    assertThat(frame.get().height()).isEqualTo(432);
                }
            }
            assertThat(count).isEqualTo(1394);
            assertThat(last.toMillis() / 1000.0).isCloseTo(139.3, within(0.15));
        }
    }

    private static String awaitTrouble(CameraSource source, FrameStream stream) throws InterruptedException {
        long end = System.nanoTime() + LONG.toNanos();
        while (source.trouble().isEmpty() && System.nanoTime() < end) {
            assertThat(stream.next(Duration.ofMillis(5))).isEmpty();
        }
        return source.trouble().orElse("no trouble");
    }

    private static void assertGrey(ByteBuffer bgr, int grey) {
        for (int at : new int[] {0, 1, 2, bgr.limit() / 2, bgr.limit() - 1}) {
            assertThat(bgr.get(at) & 255).isCloseTo(grey, within(2));
        }
    }
}
