// SPDX-License-Identifier: Apache-2.0
package io.edgewright.optimizer;

import io.edgewright.api.optimize.CalibrationSource;
import io.edgewright.api.optimize.OptimizationRequest;
import io.edgewright.api.optimize.Pipeline;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The command line that does a request, or one of its rows, again. */
final class CommandText {

    private static final List<String> PROPERTIES =
            List.of("image.scale", "image.mean", "image.std", "image.resize", "image.layout", "decoder");

    private CommandText() {}

    /**
     * {@return the command}
     *
     * @param pipeline which passes
     * @param properties of the model's manifest
     */
    static String of(OptimizationRequest request, Pipeline pipeline, Map<String, String> properties) {
        List<String> words = new ArrayList<>(List.of("./edgewright optimize MODEL.onnx"));
        for (String property : PROPERTIES) {
            if (properties.containsKey(property)) {
                add(words, property.substring(property.indexOf('.') + 1), properties.get(property));
            }
        }
        if ("BGR".equals(properties.get("image.color"))) {
            words.add("--bgr");
        }
        CalibrationSource calibration = request.calibration();
        if (calibration.kind() == CalibrationSource.Kind.FOLDER) {
            add(words, "calibration", calibration.where());
        }
        if (!calibration.labels().isEmpty()) {
            add(words, "labels", calibration.labels());
        }
        add(words, "passes", pipeline.toString());
        add(words, "budget", request.budget().toString());
        add(words, "least-agreement", percent(request.gate().leastAgreement()));
        add(words, "most-loss", percent(request.gate().mostAccuracyLoss()));
        add(words, "accelerator", request.accelerator());
        words.add("--out OUT");
        return String.join(" ", words);
    }

    /** What a shell would read otherwise is quoted. */
    private static void add(List<String> words, String option, String value) {
        boolean plain = value.matches("[A-Za-z0-9_./:,=+-]+");
        words.add("--" + option + " " + (plain ? value : "'" + value.replace("'", "'\\''") + "'"));
    }

    private static String percent(double share) {
        return String.format(Locale.ROOT, "%.4f", 100 * share).replaceAll("\\.?0+$", "");
    }
}
