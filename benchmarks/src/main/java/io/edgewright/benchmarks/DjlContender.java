// SPDX-License-Identifier: Apache-2.0
package io.edgewright.benchmarks;

import ai.djl.inference.Predictor;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.repository.zoo.Criteria;
import ai.djl.repository.zoo.ZooModel;
import ai.djl.translate.NoBatchifyTranslator;
import ai.djl.translate.TranslatorContext;
import java.nio.file.Path;
import java.util.Map;

/** Deep Java Library on the same ONNX Runtime: one model, one predictor a thread, as its documentation asks for. */
final class DjlContender implements Contender {

    private final ZooModel<float[], float[]> model;

    /** @param options of its engine; none for DJL as it comes */
    DjlContender(Workload workload, Path file, Map<String, String> options) throws Exception {
        var shape = new Shape(workload.inputShape());
        var criteria = Criteria.builder()
                .setTypes(float[].class, float[].class)
                .optModelPath(file)
                .optEngine("OnnxRuntime")
                .optTranslator(new Floats(shape));
        options.forEach(criteria::optOption);
        this.model = criteria.build().loadModel();
    }

    @Override
    public Client client(float[] request, float[] answer) {
        Predictor<float[], float[]> predictor = model.newPredictor();
        return () -> {
            float[] found = predictor.predict(request);
            System.arraycopy(found, 0, answer, 0, answer.length);
        };
    }

    private static final class Floats implements NoBatchifyTranslator<float[], float[]> {

        private final Shape shape;

        Floats(Shape shape) {
            this.shape = shape;
        }

        @Override
        public NDList processInput(TranslatorContext context, float[] input) {
            return new NDList(context.getNDManager().create(input, shape));
        }

        @Override
        public float[] processOutput(TranslatorContext context, NDList output) {
            return output.singletonOrThrow().toFloatArray();
        }
    }
}
