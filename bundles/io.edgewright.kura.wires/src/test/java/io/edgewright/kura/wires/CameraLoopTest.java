// SPDX-License-Identifier: Apache-2.0
package io.edgewright.kura.wires;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.edgewright.api.source.Frame;
import io.edgewright.api.source.FrameSource;
import io.edgewright.api.source.FrameStream;
import io.edgewright.testkit.Configs;
import io.edgewright.vision.PictureReader;
import java.io.ByteArrayInputStream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.kura.wire.WireRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class CameraLoopTest {

    private final BlockingQueue<WireRecord> sent = new LinkedBlockingQueue<>(2);
    private volatile Optional<FrameSource> source = Optional.empty();
    private CameraLoop loop = loop(Map.of());
    private Thread thread = new Thread();

    @AfterEach
    void stop() throws InterruptedException {
        loop.stop();
        thread.interrupt();
        thread.join();
    }

    @Test
    void picturesLeaveAsJpegWithTheirSize() throws Exception {
        source = Optional.of(new Endless());
        start(Map.of("source", "door", "pictures.per.second", 0));
        Map<String, Object> picture = Records.values(next());
        assertThat(picture)
                .containsEntry("source", "door")
                .containsEntry("image.format", "jpeg")
                .containsEntry("image.width", 4)
                .containsEntry("image.height", 2)
                .containsEntry("image.time", 1000L)
                .containsEntry("image.sequence", 1L);
        var jpeg = new ByteArrayInputStream((byte[]) picture.get("image"));
        assertThat(PictureReader.DEFAULT.read(jpeg, "sent").width()).isEqualTo(4);
    }

    @Test
    void picturesLeaveAsPixels() throws Exception {
        source = Optional.of(new Endless());
        start(Map.of("source", "door", "format", "bgr", "pictures.per.second", 0));
        assertThat((byte[]) Records.values(next()).get("image")).hasSize(24).startsWith(1);
        assertThat((byte[]) Records.values(next()).get("image")).startsWith(2);
    }

    @Test
    void aCameraMayComeLateFailAndBeReplaced() throws Exception {
        start(Map.of("source", "door", "pictures.per.second", 0));
        FrameSource broken = new Endless() {
            @Override
            public FrameStream open() {
                throw new IllegalStateException("a test's error");
            }
        };
        source = Optional.of(broken);
        source = Optional.of(new Endless());
        assertThat(next()).isNotNull();
        Endless other = new Endless();
        source = Optional.of(other);
        while (other.opened.get() == 0) { // the wires are full of pictures of the one before
            next();
        }
    }

    @Test
    void refusesSettingsThatItCannotFollow() {
        Map<String, Object> bad = Map.of("format", "gif", "jpeg.quality", 0, "pictures.per.second", Double.NaN);
        bad.forEach((setting, value) -> assertThatIllegalArgumentException()
                .isThrownBy(() -> loop(Map.of(setting, value)))
                .withMessageContaining(setting)
                .withMessageContaining("expected"));
    }

    private void start(Map<String, Object> settings) {
        loop = loop(settings);
        thread = new Thread(loop);
        thread.start();
    }

    private CameraLoop loop(Map<String, Object> settings) {
        return new CameraLoop(
                "test",
                CameraLoop.Settings.of(Configs.of(CameraWire.Config.class, settings)),
                name -> source.filter(s -> s.name().equals(name)),
                record -> {
                    try {
                        sent.put(record);
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                });
    }

    private WireRecord next() throws InterruptedException {
        WireRecord record = sent.poll(30, TimeUnit.SECONDS);
        assertThat(record).as("the next picture").isNotNull();
        return record;
    }

    private static class Endless implements FrameSource {

        final AtomicInteger opened = new AtomicInteger();

        @Override
        public String name() {
            return "door";
        }

        @Override
        public String status() {
            return "well";
        }

        @Override
        public FrameStream open() {
            opened.incrementAndGet();
            return new FrameStream() {

                private final ByteBuffer pixels = ByteBuffer.allocateDirect(24);
                private int sequence;

                @Override
                public Optional<Frame> next(Duration wait) {
                    sequence++;
                    pixels.put(0, (byte) sequence);
                    return Optional.of(
                            new Frame(sequence, Instant.ofEpochSecond(1), Duration.ofSeconds(sequence), 4, 2, pixels));
                }

                @Override
                public boolean ended() {
                    return false;
                }

                @Override
                public long dropped() {
                    return 0;
                }

                @Override
                public void close() {}
            };
        }
    }
}
