// SPDX-License-Identifier: Apache-2.0
package io.edgewright.benchmarks;

import io.edgewright.api.inference.InputWriter;
import io.edgewright.api.inference.OutputReader;
import io.edgewright.api.inference.Predictor;
import io.edgewright.api.inference.RequestOptions;
import java.nio.file.Path;
import java.util.Map;

/** {@link Predictor#predict}, as an application calls it. */
final class EdgewrightContender implements Contender {

    private final Predictor predictor;

    EdgewrightContender(Platform platform, Workload workload, Path model) throws Exception {
        String name = workload.label();
        platform.store(model, name, "1.0.0");
        this.predictor = platform.deploy(name, name, "1.0.0", Map.of());
    }

    @Override
    public Client client(float[] request, float[] answer) {
        InputWriter writer = inputs -> inputs.input("input").floatBuffer().put(0, request);
        OutputReader<float[]> reader = outputs -> {
            outputs.output("output").floatBuffer().get(0, answer);
            return answer;
        };
        return () -> predictor.predict(writer, reader, RequestOptions.DEFAULT);
    }
}
