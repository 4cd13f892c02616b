// SPDX-License-Identifier: Apache-2.0
package io.edgewright.optimizer;

import io.edgewright.api.accelerator.Accelerator;
import io.edgewright.api.model.ModelFile;
import io.edgewright.api.optimize.Evaluator;
import io.edgewright.api.optimize.Measurement;
import io.edgewright.api.optimize.OptimizationException;
import io.edgewright.api.optimize.OptimizationException.Reason;
import io.edgewright.api.optimize.OptimizationPass;
import io.edgewright.api.optimize.PassContext;
import io.edgewright.api.optimize.PassRecord;
import io.edgewright.api.optimize.PassResult;
import io.edgewright.api.optimize.PassStep;
import io.edgewright.api.optimize.Pipeline;
import io.edgewright.api.tensor.Tensor;
import io.edgewright.optimizer.VariantStore.Stored;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Applies passes one after the other. What each made is kept, so that pipelines that begin alike share their beginning, and a
 * killed process goes on where it was. One thread.
 */
final class Chain {

    private final Services services;
    private final ModelFile original; // in its ONNX form
    private final String origin;
    private final Samples calibration;
    private final Lab lab;
    private final Measurement measured; // the original
    private final Progress progress;

    /** Told how far a pass is, and asked whether to go on. */
    interface Progress {

        void tell(double fraction, String message);

        boolean cancelled();
    }

    /**
     * What came out.
     *
     * @param key of the variant
     * @param stored what is known of it
     */
    record Made(String key, Stored stored) {}

    /**
     * @param origin a text that is the same only for the same model, samples and device
     * @param calibration the samples that passes see
     * @param measured the original
     */
    Chain(
            Services services,
            ModelFile original,
            String origin,
            Samples calibration,
            Lab lab,
            Measurement measured,
            Progress progress) {
        this.services = services;
        this.original = original;
        this.origin = origin;
        this.calibration = calibration;
        this.lab = lab;
        this.measured = measured;
        this.progress = progress;
    }

    /** {@return what the pipeline makes of the model; ends at the first pass that refuses it} */
    Made make(Pipeline pipeline) throws OptimizationException, NotThereException {
        List<PassStep> steps = new ArrayList<>();
        List<String> versions = new ArrayList<>();
        Made made = new Made("", new Stored(List.of(), "", measured, Map.of()));
        for (PassStep wished : pipeline.steps()) {
            OptimizationPass pass = services.passes().get(wished.pass());
            PassStep step = complete(pass, wished);
            steps.add(step);
            versions.add(Passes.version(pass));
            String key = VariantStore.key(origin, steps, versions);
            Optional<Stored> before = services.variants().find(key);
            made = before.isPresent() ? new Made(key, before.get()) : apply(pass, step, key, made);
            if (!made.stored().refused().isEmpty()) {
                return made;
            }
        }
        return made;
    }

    /** {@return the model that came out} */
    ModelFile file(Made made) throws OptimizationException {
        if (made.key().isEmpty()) {
            return original;
        }
        try {
            return StepFile.of(original.manifest(), services.variants().model(made.key()));
        } catch (IOException e) {
            throw unwritten(e);
        }
    }

    private static PassStep complete(OptimizationPass pass, PassStep step) throws OptimizationException {
        try {
            return Passes.complete(pass, step);
        } catch (IllegalArgumentException e) {
            throw new OptimizationException(Reason.BAD_PARAMETER, String.valueOf(e.getMessage()), e);
        }
    }

    private Made apply(OptimizationPass pass, PassStep step, String key, Made before)
            throws OptimizationException, NotThereException {
        Path work;
        Path kept;
        try {
            work = services.variants().newWork();
            kept = services.variants().unfinished(key);
        } catch (IOException e) {
            throw unwritten(e);
        }
        try {
            Path made = Files.createDirectories(work.resolve("made"));
            Stored stored = record(pass, step, before, made, kept);
            services.variants().publish(key, made, stored);
            services.variants().discard(kept);
            return new Made(key, stored);
        } catch (IOException e) {
            services.variants().discard(kept); // the disk may be full
            throw unwritten(e);
        } catch (OptimizationException e) {
            if (e.reason() == Reason.RESOURCES) {
                services.variants().discard(kept);
            }
            throw e;
        } finally {
            services.variants().discard(work);
        }
    }

    private Stored record(OptimizationPass pass, PassStep step, Made before, Path made, Path temporary)
            throws OptimizationException, NotThereException, IOException {
        ModelFile model = file(before);
        String digest = model.manifest().digest();
        List<PassRecord> records = new ArrayList<>(before.stored().steps());
        Path target = made.resolve(VariantStore.MODEL);
        long start = System.nanoTime();
        PassResult result;
        try {
            result = call(pass, model, target, new Context(step, temporary, pass));
        } catch (OptimizationException e) {
            if (!isFinal(e.reason())) {
                throw e;
            }
            empty(made);
            var none = PassResult.unchanged(String.valueOf(e.getMessage()));
            records.add(new PassRecord(step, digest, "", millisSince(start), none));
            return new Stored(
                    records,
                    pass.name() + ": " + e.getMessage(),
                    Measurement.NONE,
                    before.stored().load());
        }
        if (result.changed() && !Files.isRegularFile(target)) {
            throw new OptimizationException(
                    Reason.UNSUPPORTED, "pass " + pass.name() + " says that it changed the model but wrote no file");
        }
        long millis = millisSince(start);
        Provenance.write(
                result.changed() ? target : model.path(),
                target,
                records.size() + 1,
                original.manifest().digest(),
                new PassRecord(step, digest, "", millis, result));
        records.add(new PassRecord(step, digest, Digests.of(target), millis, result));
        Map<String, String> load = new HashMap<>(before.stored().load());
        load.putAll(result.load());
        boolean same = !result.changed() && load.equals(before.stored().load());
        return new Stored(records, "", same ? before.stored().measurement() : Measurement.NONE, load);
    }

    /** {@return true if the same pass would refuse the same model again} */
    private static boolean isFinal(Reason reason) {
        return reason == Reason.UNSUPPORTED || reason == Reason.BAD_PARAMETER || reason == Reason.NO_CALIBRATION;
    }

    private PassResult call(OptimizationPass pass, ModelFile model, Path target, PassContext context)
            throws OptimizationException, NotThereException {
        lab.workWhile(() -> services.passes().has(pass));
        try {
            PassResult result = pass.apply(model, target, context);
            checkThere(pass);
            return result;
        } catch (OptimizationException e) {
            checkThere(pass);
            throw e;
        } catch (Samples.UnreadableSample e) {
            throw e.toOptimizationException();
        } catch (OutOfMemoryError e) {
            throw new OptimizationException(Reason.RESOURCES, "no memory for pass " + pass.name() + ": " + e, e);
        } catch (RuntimeException | LinkageError e) { // a pass is foreign code, and may be half gone
            checkThere(pass);
            throw new OptimizationException(Reason.UNSUPPORTED, "pass " + pass.name() + " broke: " + e, e);
        } finally {
            lab.workWhile(() -> true);
        }
    }

    private void checkThere(OptimizationPass pass) throws NotThereException {
        if (!services.passes().has(pass)) {
            throw new NotThereException("pass '" + pass.name()
                    + "' was taken away while it worked; the work goes on when it is installed again");
        }
    }

    private static void empty(Path folder) throws IOException {
        for (Path file : StepFile.files(folder)) {
            Files.delete(file);
        }
    }

    private static long millisSince(long startNanos) {
        return (System.nanoTime() - startNanos) / 1_000_000;
    }

    private static OptimizationException unwritten(IOException e) {
        return new OptimizationException(Reason.RESOURCES, "a variant could not be written or read: " + e, e);
    }

    /** What a pass sees. */
    private final class Context implements PassContext {

        private final PassStep step;
        private final Path folder;
        private final OptimizationPass pass;

        Context(PassStep step, Path folder, OptimizationPass pass) {
            this.step = step;
            this.folder = folder;
            this.pass = pass;
        }

        @Override
        public Accelerator device() {
            return lab.device();
        }

        @Override
        public ModelFile original() {
            return original;
        }

        @Override
        public Map<String, String> parameters() {
            return step.parameters();
        }

        @Override
        public int calibrationSize() {
            return calibration.size();
        }

        @Override
        public Stream<Map<String, Tensor>> calibration() {
            return calibration.stream();
        }

        @Override
        public Evaluator evaluator() {
            return lab;
        }

        @Override
        public Path workFolder() {
            return folder;
        }

        @Override
        public void progress(double fraction, String message) {
            progress.tell(Math.max(0, Math.min(1, fraction)), pass.name() + ": " + message);
        }

        @Override
        public boolean cancelled() {
            return progress.cancelled() || !services.passes().has(pass);
        }
    }
}
