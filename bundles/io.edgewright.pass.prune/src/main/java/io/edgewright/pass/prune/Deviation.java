// SPDX-License-Identifier: Apache-2.0
package io.edgewright.pass.prune;

import io.edgewright.api.optimize.OptimizationException;
import io.edgewright.api.optimize.OptimizationException.Reason;
import io.edgewright.api.optimize.PassContext;
import io.edgewright.api.tensor.ElementType;
import io.edgewright.api.tensor.TensorSpec;
import io.edgewright.onnx.OnnxModel;
import io.edgewright.onnxruntime.graph.GraphRun;
import io.edgewright.onnxruntime.graph.SampleFile;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** How far the answers of a changed model are from those of the original, on a few samples. */
final class Deviation {

    private static final int MOST_SAMPLES = 64;

    private final SampleFile samples;
    private final PassContext context;
    private final List<float[]> expected;

    /** @param original what to compare with */
    Deviation(OnnxModel original, SampleFile samples, PassContext context) throws OptimizationException {
        this.samples = samples;
        this.context = context;
        this.expected = answers(original);
    }

    /** {@return the sum of squared differences over the sum of squares; 0 is equal, infinite if it gives numbers that are not finite} */
    double of(OnnxModel model) throws OptimizationException {
        List<float[]> found = answers(model);
        double difference = 0;
        double size = 0;
        for (int i = 0; i < found.size(); i++) {
            for (int k = 0; k < found.get(i).length; k++) {
                double wanted = expected.get(i)[k];
                difference += Math.pow(found.get(i)[k] - wanted, 2);
                size += wanted * wanted;
            }
        }
        double share = difference / Math.max(size, 1e-30);
        return Double.isFinite(share) ? share : Double.POSITIVE_INFINITY;
    }

    private List<float[]> answers(OnnxModel model) throws OptimizationException {
        Path file = context.workFolder().resolve("answers.onnx");
        List<float[]> answers = new ArrayList<>();
        try {
            model.write(file);
        } catch (IOException e) {
            throw new OptimizationException(Reason.RESOURCES, file + " could not be written: " + e.getMessage(), e);
        }
        try (GraphRun run = GraphRun.open(file, samples.shapes(1))) {
            for (int i = 0; i < Math.min(MOST_SAMPLES, samples.size()); i++) {
                context.checkCancelled();
                samples.read(run, i);
                run.run();
                for (TensorSpec output : run.outputs()) {
                    if (output.type() == ElementType.FLOAT32) {
                        FloatBuffer values = run.output(output.name()).floatBuffer();
                        float[] copy = new float[values.limit()];
                        values.get(0, copy);
                        answers.add(copy);
                    }
                }
            }
        }
        return answers;
    }
}
