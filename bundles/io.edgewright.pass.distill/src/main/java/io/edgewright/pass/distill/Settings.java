// SPDX-License-Identifier: Apache-2.0
package io.edgewright.pass.distill;

import io.edgewright.api.optimize.PassParameter;
import java.util.List;
import java.util.Map;

/**
 * What the pass was asked for.
 *
 * @param steps how many to train
 * @param rate of the first step
 * @param batch samples of one step
 * @param samples the most to learn from
 * @param objective what the student is asked for
 * @param normalization which statistics batch normalizations take
 * @param memoryBytes what the values of a batch may take
 * @param student the name of a stored model; empty for the model as it is now
 */
record Settings(
        int steps,
        double rate,
        int batch,
        int samples,
        Objective objective,
        Normalization normalization,
        long memoryBytes,
        String student) {

    /** Which statistics batch normalizations take while training. */
    enum Normalization {
        AUTO,
        BATCH,
        KEPT
    }

    static final String STEPS = "steps";

    static final int FEWEST_SAMPLES = 16;

    /** As people see them. */
    static final List<PassParameter> PARAMETERS = List.of(
            PassParameter.integer(
                    STEPS, "How many steps to train; one takes as long as 3 to 5 runs of a batch.", 400, 1, 1_000_000),
            PassParameter.real("rate", "How far the first step goes; it falls to 0 like a cosine.", 0.002, 1e-6, 1),
            PassParameter.integer("batch", "How many samples one step looks at.", 64, 1, 4096),
            PassParameter.integer(
                    "samples", "The most calibration samples to learn from.", 20_000, FEWEST_SAMPLES, 1_000_000),
            PassParameter.real("temperature", "How much the teacher's scores of classes are smoothed.", 2, 0.5, 20),
            PassParameter.real(
                    "features",
                    "How much it counts that the student looks where the teacher looks; 0 does not ask for it.",
                    0,
                    0,
                    1000),
            PassParameter.choice(
                    "normalization",
                    "What batch normalizations use while training: the statistics of the batch, those they have, or of the batch where"
                            + " it has 16 samples or more.",
                    "auto",
                    "batch",
                    "kept"),
            PassParameter.integer(
                    "memory.mib", "The memory that the values of a batch may take, in MiB.", 512, 16, 65_536),
            PassParameter.text(
                    "student", "The name of a stored model that learns instead of the model as it is now.", ""));

    /** {@return what complete and checked parameters say} */
    static Settings of(Map<String, String> parameters) {
        return new Settings(
                (int) number(parameters, STEPS),
                number(parameters, "rate"),
                (int) number(parameters, "batch"),
                (int) number(parameters, "samples"),
                new Objective((float) number(parameters, "temperature"), (float) number(parameters, "features")),
                switch (value(parameters, "normalization")) {
                    case "batch" -> Normalization.BATCH;
                    case "kept" -> Normalization.KEPT;
                    default -> Normalization.AUTO;
                },
                (long) number(parameters, "memory.mib") << 20,
                value(parameters, "student").strip());
    }

    private static double number(Map<String, String> parameters, String name) {
        return Double.parseDouble(value(parameters, name));
    }

    private static String value(Map<String, String> parameters, String name) {
        return parameters.getOrDefault(name, "");
    }
}
