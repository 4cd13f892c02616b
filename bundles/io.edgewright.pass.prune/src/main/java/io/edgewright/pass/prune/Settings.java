// SPDX-License-Identifier: Apache-2.0
package io.edgewright.pass.prune;

import io.edgewright.api.optimize.PassParameter;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What the pass was asked for.
 *
 * @param mode what goes
 * @param keep the share that stays
 * @param round channels stay in multiples of this
 * @param importances which ones to try
 * @param bySensitivity true if layers whose loss hurts more lose less
 * @param ridge true to recover by least squares
 * @param samples the most to recover with
 * @param sparse true to leave zeros out of the file where that takes fewer bytes
 * @param excluded names of layers whose channels stay
 */
record Settings(
        Mode mode,
        double keep,
        int round,
        List<Importance> importances,
        boolean bySensitivity,
        boolean ridge,
        int samples,
        boolean sparse,
        Set<String> excluded) {

    /** What goes. */
    enum Mode {
        CHANNELS,
        UNSTRUCTURED,
        TWO_OF_FOUR
    }

    static final int FEWEST_SAMPLES = 16;

    /** As people see them. */
    static final List<PassParameter> PARAMETERS = List.of(
            PassParameter.choice(
                    "mode",
                    "What goes: whole channels, single weights, or two of each four weights; only the first makes ONNX Runtime faster.",
                    "channels",
                    "unstructured",
                    "2:4"),
            PassParameter.real(
                    "keep", "The share of the channels, or of the single weights, that stays.", 0.5, 0.05, 1),
            PassParameter.integer("round", "Channels stay in multiples of this.", 8, 1, 64),
            PassParameter.choice(
                    "importance",
                    "Which channels stay: those with large weights times the scale of their normalization, those with large weights,"
                            + " or whichever of both answers more like the original.",
                    "norm",
                    "l1",
                    "measure"),
            PassParameter.choice(
                    "budget",
                    "Whether all layers lose the same share, or those less that the answers depend on more.",
                    "uniform",
                    "sensitivity"),
            PassParameter.choice(
                    "recovery",
                    "How the remaining weights make up for what went: least squares over the calibration data, or not at all.",
                    "ridge",
                    "none"),
            PassParameter.integer(
                    "samples", "The most calibration samples to recover with.", 500, FEWEST_SAMPLES, 100_000),
            PassParameter.choice(
                    "format",
                    "How single weights that are zero are written: as zeros, or left out (sparse_initializer) where that takes fewer"
                            + " bytes.",
                    "dense",
                    "sparse"),
            PassParameter.text("exclude", "Names of layers whose channels stay, separated by blanks.", ""));

    /** {@return what complete and checked parameters say} */
    static Settings of(Map<String, String> parameters) {
        String exclude = value(parameters, "exclude").strip();
        return new Settings(
                switch (value(parameters, "mode")) {
                    case "unstructured" -> Mode.UNSTRUCTURED;
                    case "2:4" -> Mode.TWO_OF_FOUR;
                    default -> Mode.CHANNELS;
                },
                Double.parseDouble(value(parameters, "keep")),
                Integer.parseInt(value(parameters, "round")),
                switch (value(parameters, "importance")) {
                    case "l1" -> List.of(Importance.L1);
                    case "measure" -> List.of(Importance.values());
                    default -> List.of(Importance.NORM);
                },
                value(parameters, "budget").equals("sensitivity"),
                value(parameters, "recovery").equals("ridge"),
                Integer.parseInt(value(parameters, "samples")),
                value(parameters, "format").equals("sparse"),
                exclude.isEmpty() ? Set.of() : Set.of(exclude.split("\\s+")));
    }

    /** {@return true if this cannot be done without samples} */
    boolean needsSamples() {
        return ridge || bySensitivity || importances.size() > 1;
    }

    private static String value(Map<String, String> parameters, String name) {
        return parameters.getOrDefault(name, "");
    }
}
