// SPDX-License-Identifier: Apache-2.0
package io.edgewright.app.retail;

import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.event.Event;
import io.edgewright.api.inference.Predictor;
import io.edgewright.api.inference.RequestOptions;
import io.edgewright.api.source.Frame;
import io.edgewright.api.source.FrameSource;
import io.edgewright.api.source.FrameStream;
import io.edgewright.app.retail.Progress.State;
import io.edgewright.vision.Box;
import io.edgewright.vision.Detection;
import io.edgewright.vision.Picture;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The thread of one application: frames in, events out. Waits for what is not there and goes on when it is back. */
final class RetailLoop implements Runnable {

    /** What comes and goes. */
    interface Services {
        Optional<FrameSource> source(String name);

        Optional<Predictor> predictor(String deployment);

        void publish(Event event);
    }

    private static final Logger LOG = LoggerFactory.getLogger(RetailLoop.class);
    private static final Duration PATIENCE = Duration.ofMillis(500);
    private static final Duration SILENCE = Duration.ofSeconds(5); // a slow camera is not a lost one
    private static final Duration AFTER_ERROR = Duration.ofSeconds(5);
    private static final RequestOptions OPTIONS = RequestOptions.within(Duration.ofSeconds(10));
    private static final Set<String> PRIVATE = Set.of("person", "face", "head");
    private static final float BLUR_SCORE = 0.25f; // unsure boxes are blurred too
    private static final double EARLY = 0.005; // seconds; times of frames are rounded

    private final Services services;
    private final Totals totals;
    private final Progress progress;
    private final LastPicture picture;
    private final CountDownLatch stopped = new CountDownLatch(1);
    private final Analyser faces = new Analyser(BLUR_SCORE);
    private volatile RetailSettings settings;
    private RetailSettings current;
    private Counting counting;
    private Analyser analyser;
    private long lastFrame;
    private double due;
    private double pictureDue;
    private @Nullable FrameSource finished; // a recording that was read to its end

    RetailLoop(RetailSettings settings, Services services, Totals totals, Progress progress, LastPicture picture) {
        this.settings = settings;
        this.current = settings;
        this.services = services;
        this.totals = totals;
        this.progress = progress;
        this.picture = picture;
        this.counting = new Counting(settings, totals, services::publish);
        this.analyser = analyser(settings);
    }

    /** Takes other settings from the next frame on; visits under way end. Any thread. */
    void change(RetailSettings changed) {
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
                } catch (RuntimeException e) { // of a source or an engine: this thread must outlive it
                    LOG.error("Retail application {} failed, goes on in {}", current.name(), AFTER_ERROR, e);
                    progress.is(current.name(), State.NO_ANSWER, "failed: " + e);
                    pause(AFTER_ERROR);
                }
            }
        } catch (InterruptedException e) {
            LOG.debug("Retail application {} was interrupted", current.name());
        } finally {
            counting.finish();
            picture.clear();
            progress.is(current.name(), State.STOPPED, "stopped");
        }
    }

    private void watch() throws InterruptedException {
        adopt(settings);
        FrameSource source = services.source(current.source()).orElse(null);
        if (source == null) {
            progress.is(current.name(), State.NO_SOURCE, "waits for the source '" + current.source() + "'");
        }
        if (source == null || source == finished) {
            pause(PATIENCE);
            return;
        }
        finished = null;
        due = 0;
        pictureDue = 0;
        lastFrame = System.nanoTime();
        try (FrameStream stream = source.open()) {
            long dropped = 0;
            while (finished == null && isWanted(source)) {
                step(source, stream);
                progress.dropped(stream.dropped() - dropped);
                dropped = stream.dropped();
            }
        } finally {
            counting.finish(); // the next stream begins at another time
        }
    }

    private boolean isWanted(FrameSource source) {
        return stopped.getCount() > 0 && services.source(settings.source()).orElse(null) == source;
    }

    private void step(FrameSource source, FrameStream stream) throws InterruptedException {
        Optional<Frame> next = stream.next(PATIENCE);
        adopt(settings);
        if (next.isPresent()) {
            lastFrame = System.nanoTime();
            take(next.get());
        } else if (stream.ended()) {
            finished = source;
            counting.finish();
            progress.is(current.name(), State.ENDED, "the recording '" + current.source() + "' is over");
        } else if (System.nanoTime() - lastFrame > SILENCE.toNanos()) {
            progress.is(
                    current.name(),
                    State.NO_SOURCE,
                    "no frames from the source '%s': %s".formatted(current.source(), source.status()));
        }
    }

    private void adopt(RetailSettings wanted) {
        if (wanted != current) {
            counting.finish();
            current = wanted;
            counting = new Counting(wanted, totals, services::publish);
            analyser = analyser(wanted);
            picture.clear();
            LOG.info("Retail application {}: settings changed", wanted.name());
        }
    }

    private static Analyser analyser(RetailSettings settings) {
        return new Analyser(Math.min(settings.minScore() / 2, BLUR_SCORE));
    }

    private void take(Frame frame) {
        double position = frame.position().toNanos() / 1e9;
        double interval = current.framesPerSecond() == 0 ? 0 : 1 / current.framesPerSecond();
        if (position < due - EARLY && position >= due - interval) {
            return;
        }
        due = position > due + interval ? position + interval : Math.min(due, position) + interval;
        Predictor predictor = services.predictor(current.deployment()).orElse(null);
        if (predictor == null) {
            progress.failed();
            progress.is(current.name(), State.NO_ANSWER, "waits for the deployment '" + current.deployment() + "'");
            return;
        }
        try {
            List<Detection> detections = analyser.analyse(predictor, Picture.of(frame), OPTIONS);
            counting.update(frame, detections);
            progress.analysed();
            progress.is(
                    current.name(),
                    State.RUNNING,
                    "counts %s on '%s' with '%s'"
                            .formatted(String.join(", ", current.classes()), current.source(), current.deployment()));
            keepPicture(frame, detections, position);
        } catch (InferenceException e) {
            fail(e.reason() + ": " + e.getMessage());
        } catch (IllegalArgumentException e) { // the model is no detector that can be read
            fail(String.valueOf(e.getMessage()));
        }
    }

    private void fail(String why) {
        progress.failed();
        progress.is(
                current.name(),
                State.NO_ANSWER,
                "no answer from the deployment '%s': %s".formatted(current.deployment(), why));
    }

    private void keepPicture(Frame frame, List<Detection> detections, double position) throws InferenceException {
        double interval = current.picture().toMillis() / 1000.0;
        boolean early = position < pictureDue && position >= pictureDue - interval;
        if (interval == 0 || early) {
            return;
        }
        pictureDue = position + interval;
        List<Box> hidden = new ArrayList<>();
        if (current.blur()) {
            addPrivate(detections, hidden);
            counting.tracks().stream().filter(t -> PRIVATE.contains(t.label())).forEach(t -> hidden.add(t.box()));
            if (!current.faces().isEmpty()) {
                Predictor finder = services.predictor(current.faces()).orElse(null);
                if (finder == null) {
                    return; // a picture that may show a face is not kept
                }
                faces.analyse(finder, Picture.of(frame), OPTIONS).forEach(d -> hidden.add(d.box()));
            }
        }
        picture.keep(frame, hidden, counting.tracks(), current, totals);
    }

    private static void addPrivate(List<Detection> detections, List<Box> to) {
        for (Detection detection : detections) {
            if (PRIVATE.contains(detection.label())) {
                to.add(detection.box());
            }
        }
    }

    private void pause(Duration time) throws InterruptedException {
        if (stopped.await(time.toMillis(), TimeUnit.MILLISECONDS)) {
            LOG.debug("Retail application {} stops", current.name());
        }
    }
}
