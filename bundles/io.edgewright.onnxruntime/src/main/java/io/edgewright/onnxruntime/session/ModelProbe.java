// SPDX-License-Identifier: Apache-2.0
package io.edgewright.onnxruntime.session;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions;
import ai.onnxruntime.OrtSession.SessionOptions.OptLevel;
import ai.onnxruntime.TensorInfo;
import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.tensor.ElementType;
import io.edgewright.api.tensor.Tensor;
import io.edgewright.onnxruntime.OrtRuntime;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Asks ONNX Runtime about a model, for passes: on the processor, one thread, without changing the graph. Models with optional
 * values are not for it: asking for their type ends the process (ONNX Runtime 1.29).
 */
public final class ModelProbe {

    private static final OrtErrors ERRORS = new OrtErrors("this processor", List.of());

    private ModelProbe() {}

    /** Takes what is known of one output. */
    public interface Types {

        /**
         * @param name of the output
         * @param type of its elements
         * @param shape -1 where a size is only known when the model runs; empty for a scalar and where the rank is not known
         * @param symbols the name of each dimension; empty where it has none
         */
        void output(String name, ElementType type, long[] shape, String[] symbols);
    }

    /**
     * Tells types and shapes of the outputs; of untyped ones too, so that values in between can be asked for as well.
     *
     * @param model an ONNX file
     * @param types called for each output that is a tensor of one of our types
     * @throws InferenceException if the engine does not take the model
     */
    public static void outputTypes(Path model, Types types) throws InferenceException {
        try (SessionOptions options = options();
                OrtSession session = OrtRuntime.environment().createSession(model.toString(), options)) {
            for (NodeInfo output : session.getOutputInfo().values()) {
                if (output.getInfo() instanceof TensorInfo info) {
                    OrtTypes.elementType(info.onnxType)
                            .ifPresent(type ->
                                    types.output(output.getName(), type, info.getShape(), info.getDimensionNames()));
                }
            }
        } catch (OrtException e) {
            throw ERRORS.onLoad("'" + model.getFileName() + "'", e);
        }
    }

    /**
     * Opens a model as drivers do, with all of the engine's own optimizations, and closes it.
     *
     * @param model an ONNX file
     * @throws InferenceException if the engine does not take the model
     */
    public static void open(Path model) throws InferenceException {
        try (SessionOptions options = options()) {
            options.setOptimizationLevel(OptLevel.ALL_OPT);
            OrtRuntime.environment().createSession(model.toString(), options).close();
        } catch (OrtException e) {
            throw ERRORS.onLoad("'" + model.getFileName() + "'", e);
        }
    }

    /**
     * {@return what a model without inputs answers; without outputs that are no tensors of our types, or are strings}
     *
     * @param model an ONNX file
     * @throws InferenceException if the engine does not take the model, or the run fails
     */
    public static Map<String, Tensor> answers(Path model) throws InferenceException {
        String name = "'" + model.getFileName() + "'";
        try (SessionOptions options = options();
                OrtSession session = OrtRuntime.environment().createSession(model.toString(), options)) {
            return answers(session, name);
        } catch (OrtException e) {
            throw ERRORS.onLoad(name, e);
        }
    }

    private static Map<String, Tensor> answers(OrtSession session, String name) throws InferenceException {
        try (OrtSession.Result result = session.run(Map.of())) {
            Map<String, Tensor> answers = new LinkedHashMap<>();
            for (Map.Entry<String, OnnxValue> output : result) {
                if (output.getValue() instanceof OnnxTensor tensor) {
                    copy(tensor).ifPresent(copy -> answers.put(output.getKey(), copy));
                }
            }
            return answers;
        } catch (OrtException e) {
            throw ERRORS.onRun(name, e);
        }
    }

    private static Optional<Tensor> copy(OnnxTensor tensor) {
        ElementType type = OrtTypes.elementType(tensor.getInfo().onnxType).orElse(ElementType.STRING);
        if (type == ElementType.STRING) {
            return Optional.empty();
        }
        List<Long> shape = Arrays.stream(tensor.getInfo().getShape()).boxed().toList();
        ByteBuffer from = tensor.getByteBuffer();
        ByteBuffer data = ByteBuffer.allocateDirect(from.remaining()).put(from).flip();
        return Optional.of(new Tensor(type, shape, data));
    }

    private static SessionOptions options() throws OrtException {
        OrtRuntime.environment(); // loads the natives, which the options need
        var options = new SessionOptions();
        options.setIntraOpNumThreads(1);
        options.setOptimizationLevel(OptLevel.NO_OPT);
        return options;
    }
}
