// SPDX-License-Identifier: Apache-2.0
package io.edgewright.optimizer;

import io.edgewright.api.model.GoldenCase;
import io.edgewright.api.model.ModelFile;
import io.edgewright.api.optimize.CalibrationSource;
import io.edgewright.api.optimize.OptimizationException;
import io.edgewright.api.optimize.OptimizationException.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** Finds sample inputs where a request says they are. */
final class SampleSources {

    private static final String ADVICE =
            "; add a folder 'calibration' to the model's package, name a folder, or capture requests of a deployment";

    /** How it begins what is missing where more inferences of a deployment are enough, as after a recalibration. */
    static final String COMING = "for more samples, ";

    /** Captured inferences, of which every other one judges. */
    private static final int FEWEST_LIVE = 2 * Work.FEWEST_SAMPLES;

    private SampleSources() {}

    /**
     * {@return the samples; one or more}
     *
     * @param model in its ONNX form
     * @param live answers what was captured of a deployment
     */
    static Samples open(CalibrationSource source, ModelFile model, Function<String, Optional<Samples>> live)
            throws OptimizationException, NotThereException {
        Samples samples =
                switch (source.kind()) {
                    case PACKAGE -> ofPackage(model);
                    case FOLDER ->
                        FolderSamples.open(
                                Path.of(source.where()),
                                Optional.of(source.labels())
                                        .filter(l -> !l.isEmpty())
                                        .map(Path::of),
                                model.manifest());
                    case LIVE -> ofDeployment(source.where(), model, live);
                };
        if (samples.size() == 0) {
            throw new OptimizationException(
                    Reason.NO_CALIBRATION,
                    "there is no sample input of " + model.manifest().id() + ADVICE);
        }
        return samples;
    }

    private static Samples ofPackage(ModelFile model) throws OptimizationException {
        Path folder = root(model).resolve("calibration");
        if (Files.isDirectory(folder)) {
            Path labels = folder.resolve("labels.csv");
            return FolderSamples.open(
                    folder, Files.exists(labels) ? Optional.of(labels) : Optional.empty(), model.manifest());
        }
        try {
            return Samples.Held.of(
                    model.goldenCases().stream().map(GoldenCase::inputs).toList());
        } catch (IOException e) {
            throw new OptimizationException(
                    Reason.NO_CALIBRATION, "the golden pairs could not be read: " + e.getMessage(), e);
        }
    }

    private static Samples ofDeployment(String deployment, ModelFile model, Function<String, Optional<Samples>> live)
            throws OptimizationException, NotThereException {
        Samples captured = captured(deployment, live);
        try {
            captured.stream()
                    .forEach(sample ->
                            SampleShapes.split(sample, model.manifest().inputs()));
        } catch (IllegalArgumentException e) {
            throw new OptimizationException(
                    Reason.NO_CALIBRATION,
                    "what was captured of deployment '%s' does not suit %s: %s"
                            .formatted(deployment, model.manifest().id(), e.getMessage()),
                    e);
        }
        return captured;
    }

    /** {@return what was captured of a deployment, once it is enough} */
    static Samples captured(String deployment, Function<String, Optional<Samples>> live) throws NotThereException {
        Optional<Samples> captured = live.apply(deployment);
        int count = captured.map(Samples::size).orElse(0);
        if (captured.isEmpty() || count < FEWEST_LIVE) {
            throw new NotThereException((captured.isPresent() ? COMING : "")
                    + "%d of at least %d inferences were captured of deployment '%s'; its capture.per.second must be above 0, and capture.mib hold that many"
                            .formatted(count, FEWEST_LIVE, deployment));
        }
        return captured.get();
    }

    /** {@return the folder of the model's package} */
    private static Path root(ModelFile model) {
        Path folder = model.path().toAbsolutePath();
        for (int i = Path.of(model.manifest().file()).getNameCount(); i > 0; i--) {
            folder = folder.resolveSibling("");
        }
        return folder;
    }

    /** {@return every other sample, for passes and for the judge; the same for both where there are few} */
    static List<Samples> parts(Samples all, int fewest, int most) {
        if (all.size() < 2 * fewest) {
            return List.of(all, all);
        }
        int[] even = new int[all.size() / 2];
        int[] odd = new int[all.size() / 2];
        for (int i = 0; i < even.length; i++) {
            even[i] = 2 * i;
            odd[i] = 2 * i + 1;
        }
        return List.of(all.only(even).atMost(most), all.only(odd));
    }
}
