// SPDX-License-Identifier: Apache-2.0
package io.edgewright.optimizer;

import io.edgewright.api.optimize.OptimizationException;
import io.edgewright.api.optimize.OptimizationException.Reason;
import io.edgewright.api.optimize.PassRecord;
import io.edgewright.onnx.MalformedModelException;
import io.edgewright.onnx.OnnxModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/** Writes into an ONNX file where it comes from, as {@code metadata_props}. */
final class Provenance {

    private Provenance() {}

    /**
     * Writes a model with the record of a pass; its external data goes with it.
     *
     * @param from what the pass made, or was given if it changed nothing
     * @param to where it is written; may be the same file
     * @param number of the pass in its pipeline, from 1
     * @param originalDigest of the model before the first pass
     * @param step what was done; its output digest is not known yet
     * @throws OptimizationException with {@code UNSUPPORTED} if the model is none, or fails its check
     */
    static void write(Path from, Path to, int number, String originalDigest, PassRecord step)
            throws OptimizationException, IOException {
        try (OnnxModel model = OnnxModel.read(from)) {
            Map<String, String> metadata = model.metadata();
            String prefix = "edgewright.pass." + number;
            metadata.put("edgewright.original.sha256", originalDigest);
            metadata.put(prefix, step.step().toString());
            metadata.put(prefix + ".input.sha256", step.inputDigest());
            metadata.put(prefix + ".summary", step.result().summary());
            metadata.put(prefix + ".figures", new TreeMap<>(step.result().figures()).toString());
            model.write(to);
        } catch (MalformedModelException | IllegalStateException e) {
            throw new OptimizationException(
                    Reason.UNSUPPORTED, "the model after pass " + step.step() + " is not sound: " + e.getMessage(), e);
        }
    }
}
