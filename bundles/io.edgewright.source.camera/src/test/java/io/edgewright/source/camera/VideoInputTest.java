// SPDX-License-Identifier: Apache-2.0
package io.edgewright.source.camera;

import static org.assertj.core.api.Assertions.assertThat;

import io.edgewright.api.source.Frame;
import io.edgewright.api.source.FrameStream;
import io.edgewright.testkit.TestData;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import javax.imageio.ImageIO;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Memory, and what breaks: the decoder reads what comes from outside. */
@Timeout(180)
final class VideoInputTest {

    private static final Duration LONG = Duration.ofSeconds(20);
    private static final long FUZZ_NANOS = 6_000_000_000L;

    @TempDir
    static Path home;

    @TempDir
    Path dir;

    @Test
    void openingAndClosingManyTimesTakesNoMemory() throws Exception {
        Path file = Files.write(dir.resolve("leak.mjpeg"), motionJpeg(12));
        play(file, 60); // the libraries, buffers of the C library, compiled code
        long before = residentBytes();
        play(file, 600);
        long grown = residentBytes() - before;

        // a leak of one picture of 320 x 240 a time would be 138 MB
        assertThat(grown).as("bytes more than before").isLessThan(24L << 20);
        assertThat(Pointer.totalBytes()).as("bytes that JavaCPP holds").isLessThan(1 << 16);
    }

    @Test
    void survivesBrokenVideosOfManyKinds() throws Exception {
        fuzz("mjpeg", motionJpeg(6), 11);
        fuzz("y4m", Videos.grey(48, 32, 10, 4), 12);
    }

    @Test
    void survivesABrokenRealVideo() throws Exception {
        byte[] whole = Files.readAllBytes(TestData.require("video/bottle-detection.mp4"));
        fuzz("mp4", whole, 13);
    }

    @Test
    void saysWhereAVideoBreaksOffAndEndsThere() throws Exception {
        byte[] whole = motionJpeg(12);
        Path file = Files.write(dir.resolve("cut.mjpeg"), Arrays.copyOf(whole, whole.length * 2 / 3));
        try (CameraSource source = Videos.source(home, file, Map.of("pace", "fast"));
                FrameStream stream = source.open()) {
            int frames = 0;
            while (!stream.ended() && source.trouble().isEmpty()) {
                frames += stream.next(LONG).isPresent() ? 1 : 0;
            }
            assertThat(frames).isBetween(6, 9);
        }
    }

    private void fuzz(String kind, byte[] whole, long seed) throws Exception {
        SplittableRandom random = new SplittableRandom(seed);
        long end = System.nanoTime() + FUZZ_NANOS;
        for (int i = 0; i < 300 && System.nanoTime() < end; i++) {
            byte[] broken = mutate(whole, random);
            Path file = Files.write(dir.resolve("broken." + kind), broken);
            try (CameraSource source = Videos.source(home, file, Map.of("pace", "fast", "timeout.seconds", 5));
                    FrameStream stream = source.open()) {
                for (int n = 0; n < 40 && !stream.ended() && source.trouble().isEmpty(); n++) {
                    Optional<Frame> frame = stream.next(Duration.ZERO);
                    frame.ifPresent(f -> assertThat(f.bgr().limit()).isEqualTo(f.width() * f.height() * 3));
                }
            }
        }
    }

    private static byte[] mutate(byte[] whole, SplittableRandom random) {
        int length = random.nextInt(3) == 0 ? 1 + random.nextInt(whole.length) : whole.length;
        byte[] broken = Arrays.copyOf(whole, length);
        int changes = 1 << random.nextInt(8);
        int range = random.nextBoolean() ? Math.min(length, 2048) : length; // headers are at the beginning, often
        for (int i = 0; i < changes; i++) {
            broken[random.nextInt(range)] = (byte) random.nextInt(256);
        }
        return broken;
    }

    private static void play(Path file, int times) throws InterruptedException {
        for (int i = 0; i < times; i++) {
            try (CameraSource source = Videos.source(home, file, Map.of("pace", "fast"));
                    FrameStream stream = source.open()) {
                assertThat(stream.next(LONG)).isPresent();
                assertThat(stream.next(LONG)).isPresent();
            }
        }
    }

    private static byte[] motionJpeg(int frames) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (int i = 0; i < frames; i++) {
            BufferedImage image = new BufferedImage(320, 240, BufferedImage.TYPE_3BYTE_BGR);
            Graphics2D graphics = image.createGraphics();
            graphics.setColor(Color.ORANGE);
            graphics.fillOval(10 * i, 20, 100, 100);
            graphics.dispose();
            ImageIO.write(image, "jpg", out);
        }
        return out.toByteArray();
    }

    private static long residentBytes() throws IOException {
        Path status = Path.of("/proc/self/statm");
        Assumptions.assumeTrue(Files.exists(status), "skipped: needs Linux's /proc");
        return Long.parseLong(Files.readString(status).split(" ")[1]) * 4096;
    }
}
