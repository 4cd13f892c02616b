// SPDX-License-Identifier: Apache-2.0
package io.edgewright.kura.wires;

import io.edgewright.api.source.Frame;
import io.edgewright.api.source.FrameSource;
import io.edgewright.api.source.FrameStream;
import io.edgewright.vision.Jpeg;
import io.edgewright.vision.Picture;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import org.eclipse.kura.type.TypedValue;
import org.eclipse.kura.type.TypedValues;
import org.eclipse.kura.wire.WireRecord;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/** The thread of a camera component: frames in, records out. Waits for a camera that is not there. */
final class CameraLoop implements Runnable {

    /** How pictures leave. */
    enum Format {
        JPEG,
        BGR
    }

    /**
     * Checked settings.
     *
     * @param intervalNanos between two pictures at the least; 0 for all
     */
    record Settings(String source, Format format, int quality, long intervalNanos) {

        static Settings of(CameraWire.Config config) {
            double rate = config.pictures_per_second();
            if (!(rate >= 0 && rate <= 1000)) {
                throw new IllegalArgumentException("pictures.per.second is " + rate + ", expected 0 to 1000");
            }
            return new Settings(
                    config.source().strip(),
                    InferenceSettings.choice("format", Format.class, config.format()),
                    InferenceSettings.in("jpeg.quality", config.jpeg_quality(), 1, 100),
                    rate == 0 ? 0 : Math.round(1e9 / rate));
        }
    }

    private static final Duration PATIENCE = Duration.ofMillis(500);
    private static final Duration SILENCE = Duration.ofSeconds(5); // a slow camera is not a lost one

    private final Function<String, Optional<FrameSource>> sources;
    private final Consumer<WireRecord> wires;
    private final Complaints complaints;
    private final CountDownLatch stopped = new CountDownLatch(1);
    private volatile Settings settings;
    private long due = System.nanoTime();
    private @Nullable FrameSource finished; // a recording that was read to its end

    CameraLoop(
            String name,
            Settings settings,
            Function<String, Optional<FrameSource>> sources,
            Consumer<WireRecord> wires) {
        this.settings = settings;
        this.sources = sources;
        this.wires = wires;
        this.complaints = new Complaints(LoggerFactory.getLogger(CameraWire.class), name);
    }

    /** Takes other settings from the next picture on. Any thread. */
    void change(Settings changed) {
        settings = changed;
    }

    /** Lets the thread end. Any thread. */
    void stop() {
        stopped.countDown();
    }

    @Override
    public void run() {
        try {
            while (!stopped.await(0, TimeUnit.MILLISECONDS)) {
                try {
                    watch();
                } catch (RuntimeException e) { // of a source: this thread must outlive it
                    complaints.trouble("FAILED", "the source '" + settings.source() + "' failed: " + e);
                    pause();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // it ends
        }
    }

    private void watch() throws InterruptedException {
        FrameSource source = sources.apply(settings.source()).orElse(null);
        if (source == null) {
            complaints.trouble("NO_SOURCE", "waits for the source '" + settings.source() + "'");
        }
        if (source == null || source == finished) {
            pause();
            return;
        }
        finished = null;
        long last = System.nanoTime();
        try (FrameStream stream = source.open()) {
            while (stopped.getCount() > 0 && sources.apply(settings.source()).orElse(null) == source) {
                Optional<Frame> frame = stream.next(PATIENCE);
                if (frame.isPresent()) {
                    last = System.nanoTime();
                    complaints.well();
                    take(settings, frame.get());
                } else if (stream.ended()) {
                    finished = source;
                    return;
                } else if (System.nanoTime() - last > SILENCE.toNanos()) {
                    complaints.trouble("NO_PICTURES", "none from '%s': %s".formatted(source.name(), source.status()));
                }
            }
        }
    }

    private void take(Settings current, Frame frame) {
        long now = System.nanoTime();
        if (now - due < 0) {
            return;
        }
        due = Math.max(due + current.intervalNanos(), now); // no hurry after a pause
        byte[] image;
        if (current.format() == Format.JPEG) {
            image = Jpeg.encode(Picture.of(frame), current.quality());
        } else {
            image = new byte[frame.bgr().limit()];
            frame.bgr().get(0, image);
        }
        Map<String, TypedValue<?>> properties = new LinkedHashMap<>();
        properties.put("source", TypedValues.newTypedValue(current.source()));
        properties.put("image", TypedValues.newTypedValue(image));
        properties.put("image.format", TypedValues.newTypedValue(current.format() == Format.JPEG ? "jpeg" : "bgr"));
        properties.put("image.width", TypedValues.newTypedValue(frame.width()));
        properties.put("image.height", TypedValues.newTypedValue(frame.height()));
        properties.put("image.time", TypedValues.newTypedValue(frame.time().toEpochMilli()));
        properties.put("image.sequence", TypedValues.newTypedValue(frame.sequence()));
        wires.accept(new WireRecord(properties));
    }

    private void pause() throws InterruptedException {
        if (stopped.await(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
            throw new InterruptedException("stopped");
        }
    }
}
