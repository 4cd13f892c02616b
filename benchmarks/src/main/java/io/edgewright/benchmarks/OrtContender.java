// SPDX-License-Identifier: Apache-2.0
package io.edgewright.benchmarks;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.Map;

/** ONNX Runtime's own Java API, one session for all threads and one thread in a run. */
final class OrtContender implements Contender {

    private final OrtEnvironment environment;
    private final OrtSession session;
    private final Workload workload;
    private final boolean pinned;

    /**
     * @param pinned true: tensors made once over direct buffers, which is as fast as the API gets; false: as its
     *     documentation shows it, with nested arrays made and read at every call
     */
    OrtContender(OrtEnvironment environment, Workload workload, Path model, boolean pinned) throws OrtException {
        this.environment = environment;
        this.workload = workload;
        this.pinned = pinned;
        try (var options = new OrtSession.SessionOptions()) {
            options.setIntraOpNumThreads(1);
            options.setCPUArenaAllocator(workload == Workload.VISION); // each model gets what suits it best
            this.session = environment.createSession(model.toString(), options);
        }
    }

    @Override
    public Client client(float[] request, float[] answer) throws OrtException {
        return pinned ? pinned(request, answer) : naive(request, answer);
    }

    private Client pinned(float[] request, float[] answer) throws OrtException {
        FloatBuffer input = direct(request.length);
        FloatBuffer output = direct(answer.length);
        Map<String, OnnxTensor> inputs =
                Map.of("input", OnnxTensor.createTensor(environment, input, workload.inputShape()));
        Map<String, OnnxTensor> outputs =
                Map.of("output", OnnxTensor.createTensor(environment, output, workload.outputShape()));
        return () -> {
            input.put(0, request);
            session.run(inputs, outputs).close();
            output.get(0, answer);
        };
    }

    private Client naive(float[] request, float[] answer) {
        return () -> {
            Object nested = nested(request, workload.inputShape(), 0, new int[1]);
            try (OnnxTensor tensor = OnnxTensor.createTensor(environment, nested);
                    OrtSession.Result result = session.run(Map.of("input", tensor))) {
                float[][] rows = (float[][]) result.get(0).getValue();
                System.arraycopy(rows[0], 0, answer, 0, answer.length);
            }
        };
    }

    private static Object nested(float[] values, long[] shape, int depth, int[] next) {
        int size = (int) shape[depth];
        if (depth == shape.length - 1) {
            float[] row = java.util.Arrays.copyOfRange(values, next[0], next[0] + size);
            next[0] += size;
            return row;
        }
        int[] rest = new int[shape.length - depth];
        for (int i = 0; i < rest.length; i++) {
            rest[i] = (int) shape[depth + i];
        }
        Object array = java.lang.reflect.Array.newInstance(float.class, rest);
        for (int i = 0; i < size; i++) {
            java.lang.reflect.Array.set(array, i, nested(values, shape, depth + 1, next));
        }
        return array;
    }

    private static FloatBuffer direct(int floats) {
        return ByteBuffer.allocateDirect(floats * Float.BYTES)
                .order(ByteOrder.nativeOrder())
                .asFloatBuffer();
    }
}
