// SPDX-License-Identifier: Apache-2.0
package io.edgewright.optimizer;

import io.edgewright.api.model.ModelFile;
import io.edgewright.api.optimize.CalibrationSource;
import io.edgewright.api.optimize.Evaluator;
import io.edgewright.api.optimize.Measurement;
import io.edgewright.api.optimize.OptimizationException;
import io.edgewright.api.optimize.OptimizationException.Reason;
import io.edgewright.api.optimize.OptimizationPass.Stage;
import io.edgewright.api.optimize.OptimizationRequest;
import io.edgewright.api.optimize.PassStep;
import io.edgewright.api.optimize.Pipeline;
import io.edgewright.api.optimize.Variant;
import io.edgewright.api.optimize.Variant.Verdict;
import io.edgewright.optimizer.Chain.Made;
import io.edgewright.optimizer.Services.Place;
import io.edgewright.optimizer.VariantStore.Stored;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The work on one request: from its samples to the variant that is best. One thread. */
final class Work implements Chain.Progress, Search.Workshop {

    /** Passes that change numbers need that many samples to be judged by. */
    static final int FEWEST_SAMPLES = 16;

    private static final int MOST_CALIBRATION = 4096;
    private static final Duration JUDGING = Duration.ofSeconds(30);

    /** A model that is that fast and that small gains nothing that anybody would notice. */
    private static final Duration TINY = Duration.ofNanos(100_000);

    private static final long TINY_BYTES = 64 << 10;

    private final OptimizationRequest request;
    private final Services services;
    private final Desk desk;
    private final Quiet quiet;
    private final List<Variant> variants = new ArrayList<>();
    private long started;

    /** Where the work is reported to. */
    interface Desk {

        /** @param fraction 0..1 */
        void report(double fraction, String message);

        void report(int samples, Measurement original, List<Variant> variants);

        boolean cancelled();
    }

    /**
     * All that is known once the request was looked at.
     *
     * @param compared the boxes of a detector that tell how right a variant is, else samples
     * @param others true if the judge's samples are others than those that passes see
     */
    private record Setup(
            Lab lab,
            Judge judge,
            int compared,
            boolean others,
            Chain chain,
            Measurement original,
            Selection selection) {}

    private @Nullable Setup setup; // null before run has looked at the request

    Work(OptimizationRequest request, Services services, Desk desk) {
        this.request = request;
        this.services = services;
        this.desk = desk;
        this.quiet = new Quiet(services.deployments());
    }

    /**
     * What came out.
     *
     * @param variants what was tried
     * @param chosen the key of the best one; empty if there is none
     * @param message one line for people
     */
    record Result(List<Variant> variants, String chosen, String message) {}

    /** {@return what would make the request wait now} */
    Optional<String> missing() {
        try {
            services.place(request.accelerator());
            for (PassStep step : request.pipeline().steps()) {
                services.passes().get(step.pass());
            }
            services.store(request.model());
            if (request.calibration().kind() == CalibrationSource.Kind.LIVE) {
                SampleSources.captured(request.calibration().where(), services.live());
            }
            return Optional.empty();
        } catch (NotThereException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }

    Result run() throws OptimizationException, NotThereException {
        started = System.nanoTime();
        Place place = services.place(request.accelerator());
        try (ModelFile model = services.open(request.model())) {
            desk.report(0, "reads samples");
            Samples all = SampleSources.open(request.calibration(), model, services.live());
            List<Samples> parts = SampleSources.parts(all, FEWEST_SAMPLES, MOST_CALIBRATION);
            var lab = new Lab(
                    place.driver(),
                    place.device(),
                    model,
                    parts.get(0),
                    services.watch(),
                    this::check,
                    this::awaitQuiet);
            String origin = String.join(
                    "\n",
                    model.manifest().digest(),
                    new TreeMap<>(model.manifest().files()).toString(),
                    all.digest(),
                    place.fingerprint());
            try (Bench original = lab.loadOriginal()) {
                desk.report(0, "measures the model as it is");
                Judge judge = Judge.of(model.manifest(), parts.get(1), original, JUDGING, this::check);
                Judge.Verdict itself = judge.judge(original, Integer.MAX_VALUE, this::check);
                Measurement measured = measureOriginal(model, lab, itself, original);
                var chain = new Chain(services, model, origin, parts.get(0), lab, measured, this);
                boolean others = parts.get(0) != parts.get(1);
                var selection = new Selection(measured, request.gate(), request.budget());
                setup = new Setup(lab, judge, itself.compared(), others, chain, measured, selection);
            }
            desk.report(setup().judge.size(), setup().original, List.of());
            return request.pipeline().auto() ? search() : follow();
        }
    }

    private Measurement measureOriginal(ModelFile model, Lab lab, Judge.Verdict verdict, Bench original)
            throws OptimizationException {
        original.fill(lab.firstSample());
        Stopwatch.Timing timing = Stopwatch.measure(
                        List.of(original), services.watch().time().dividedBy(3), this::awaitQuiet)
                .get(0);
        return new Measurement(
                verdict.agreement(),
                verdict.accuracy(),
                timing.latency(),
                1,
                model.manifest().sizeBytes(),
                original.memoryBytes());
    }

    private Setup setup() {
        Setup known = setup;
        if (known == null) {
            throw new IllegalStateException("the request was not looked at yet");
        }
        return known;
    }

    private Result follow() throws OptimizationException, NotThereException {
        for (PassStep step : request.pipeline().steps()) {
            needSamples(services.passes().get(step.pass()).stage(), step.pass());
        }
        tryOut(request.pipeline());
        return result(List.of());
    }

    private void needSamples(Stage stage, String pass) throws OptimizationException {
        String unfit = unfit(stage);
        if (!unfit.isEmpty()) {
            throw new OptimizationException(Reason.NO_CALIBRATION, "pass " + pass + ": " + unfit);
        }
    }

    @Override
    public String unfit(Stage stage) {
        boolean changesNumbers = stage != Stage.GRAPH && stage != Stage.ENGINE;
        boolean fitsWeights = stage == Stage.STRUCTURE || stage == Stage.TRAINING;
        int samples = setup().judge.size();
        if (changesNumbers && setup().compared < FEWEST_SAMPLES) {
            return "there are %d %s, and a change of numbers cannot be judged by less than %d"
                    .formatted(
                            setup().compared,
                            setup().compared == samples ? "samples" : "boxes found in the " + samples + " samples",
                            FEWEST_SAMPLES);
        }
        return fitsWeights && !setup().others
                ? "there are %d samples, and weights that were fitted to samples must be judged by others, which takes %d"
                        .formatted(samples, 2 * FEWEST_SAMPLES)
                : "";
    }

    private Result search() throws OptimizationException, NotThereException {
        boolean tiny = setup().original.latency().p50().compareTo(TINY) < 0
                && setup().original.sizeBytes() < TINY_BYTES
                && !setup().selection.isNeeded();
        if (tiny) {
            return new Result(
                    List.of(),
                    "",
                    "is left as it is: a run takes %d µs, and the file has %d KiB; there is nothing to gain"
                            .formatted(
                                    setup().original.latency().p50().toNanos() / 1000,
                                    setup().original.sizeBytes() >> 10));
        }
        var search = new Search(services.passes(), setup().lab.device(), this, () -> !cancelled());
        search.run();
        return result(search.declined());
    }

    private Result result(List<String> declined) throws OptimizationException {
        List<Variant> judged = setup().selection.front(variants);
        Optional<Variant> best = Selection.best(judged);
        if (best.isPresent()) {
            keepAnswers(best.get());
            return new Result(
                    judged,
                    best.get().key(),
                    best.get().pipeline() + ": " + best.get().reason() + ", "
                            + Texts.quality(setup().original, best.get().measurement())
                            + timeIsOver());
        }
        return new Result(
                judged, "", "is left as it is, as nothing pays: " + Texts.whyNone(judged, declined) + timeIsOver());
    }

    private String timeIsOver() {
        return isTimeOver() ? "; the time of the budget (" + request.budget() + ") was over before all was tried" : "";
    }

    @Override
    public Variant tryOut(Pipeline pipeline) throws OptimizationException, NotThereException {
        tell(0, "makes " + pipeline);
        Variant variant;
        Made made = null;
        try {
            made = setup().chain.make(pipeline);
            variant = made.stored().refused().isEmpty() ? measured(pipeline, made) : refused(pipeline, made);
        } catch (OptimizationException e) {
            boolean timeOver = e.reason() == Reason.CANCELLED && isTimeOver() && !desk.cancelled();
            if ((e.reason() == Reason.CANCELLED && !timeOver)
                    || e.reason() == Reason.DEVICE
                    || !request.pipeline().auto()) {
                throw e;
            }
            variant = new Variant(
                    made == null ? "" : made.key(),
                    pipeline,
                    Verdict.FAILED,
                    timeOver ? Texts.TIME_OVER : String.valueOf(e.getMessage()),
                    Measurement.NONE,
                    made == null ? List.of() : made.stored().steps(),
                    Map.of());
        }
        variant = setup().selection.judge(variant);
        variants.add(variant);
        desk.report(setup().judge.size(), setup().original, setup().selection.front(variants));
        return variant;
    }

    @Override
    public boolean gains(Variant variant) {
        return setup().selection.gains(variant.measurement());
    }

    @Override
    public ModelFile file(Pipeline pipeline) throws OptimizationException, NotThereException {
        return setup().chain.file(setup().chain.make(pipeline));
    }

    private static Variant refused(Pipeline pipeline, Made made) {
        Stored stored = made.stored();
        return new Variant(
                made.key(),
                pipeline,
                Verdict.REFUSED,
                stored.refused(),
                Measurement.NONE,
                stored.steps(),
                stored.load());
    }

    private Variant measured(Pipeline pipeline, Made made) throws OptimizationException {
        Stored stored = made.stored();
        if (stored.measurement().latency().runs() == 0) {
            tell(0.9, "measures " + pipeline);
            stored = stored.measured(measure(made));
            try {
                services.variants().update(made.key(), stored);
            } catch (IOException e) {
                throw new OptimizationException(Reason.RESOURCES, "a measurement could not be written: " + e, e);
            }
        }
        return new Variant(
                made.key(), pipeline, Verdict.FRONT, "", stored.measurement(), stored.steps(), stored.load());
    }

    private Measurement measure(Made made) throws OptimizationException {
        ModelFile file = setup().chain.file(made);
        var candidate = new Evaluator.Candidate(file.path(), made.stored().load());
        try (Bench variant = setup().lab.load(candidate);
                Bench original = setup().lab.loadOriginal()) {
            Judge.Verdict verdict = setup().judge.judge(variant, Integer.MAX_VALUE, this::check);
            variant.fill(setup().lab.firstSample());
            original.fill(setup().lab.firstSample());
            List<Stopwatch.Timing> timings = Stopwatch.measure(
                    List.of(original, variant), services.watch().time(), this::awaitQuiet);
            return new Measurement(
                    verdict.agreement(),
                    verdict.accuracy(),
                    timings.get(1).latency(),
                    timings.get(1).speedupOver(timings.get(0)),
                    file.manifest().sizeBytes(),
                    variant.memoryBytes());
        }
    }

    /** Keeps an answer of the variant, by which it is known that it still answers as it did. */
    private void keepAnswers(Variant best) throws OptimizationException {
        var candidate = new Evaluator.Candidate(services.variants().model(best.key()), best.load());
        try (Bench variant = setup().lab.load(candidate)) {
            var inputs = setup().lab.firstSample();
            services.variants().keepAnswer(best.key(), inputs, variant.run(inputs));
        } catch (IOException e) {
            throw new OptimizationException(Reason.RESOURCES, "an answer of it could not be kept: " + e, e);
        }
    }

    /** A search is as far as its time; of a list of passes the fraction is that of the one at work. */
    @Override
    public void tell(double fraction, String message) {
        desk.report(request.pipeline().auto() ? Math.min(1, timeSpent()) : fraction, message);
    }

    /** {@return the share of the time of a search that is over} */
    private double timeSpent() {
        return (double) (System.nanoTime() - started) / request.budget().time().toNanos();
    }

    /** {@return true if passes are to end: the request was called off, or the time of a search is over} */
    @Override
    public boolean cancelled() {
        return desk.cancelled() || isTimeOver();
    }

    private boolean isTimeOver() {
        return request.pipeline().auto() && timeSpent() >= 1;
    }

    private void check() throws OptimizationException {
        if (desk.cancelled()) { // what was made is still judged when the time is over
            throw new OptimizationException(Reason.CANCELLED, "it was called off");
        }
    }

    private void awaitQuiet() throws OptimizationException {
        check();
        quiet.await();
    }
}
