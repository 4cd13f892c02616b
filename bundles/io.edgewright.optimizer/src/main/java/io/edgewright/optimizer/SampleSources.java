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

    private SampleSources() {}

    /**
     * {@return the samples; one or more}
     *
     * @param model in its ONNX form
     * @param live answers what was captured of a deployment
     */
    static Samples open(CalibrationSource source, ModelFile model, Function<String, Optional<Samples>> live)
            throws OptimizationException {
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
            throws OptimizationException {
        Samples captured = live.apply(deployment)
                .orElseThrow(() -> new OptimizationException(
                        Reason.NO_CALIBRATION,
                        "nothing was captured of deployment '" + deployment + "'; set its 'capture.samples' above 0"));
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
