// SPDX-License-Identifier: Apache-2.0
package io.edgewright.onnxruntime.session;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import ai.onnxruntime.TensorInfo.OnnxTensorType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Inputs to try a model with: 0 for floating point, 1 for integers (often a divisor, a length or a rate), 1 for open
 * dimensions. Knows ONNX Runtime and the JDK only, as it also runs in the child process.
 */
public final class DefaultFeeds implements AutoCloseable {

    /** More than this is no trial any more. */
    private static final long LARGEST_BYTES = 1L << 28;

    private final Map<String, OnnxTensor> tensors = new LinkedHashMap<>();

    private DefaultFeeds() {}

    /**
     * {@return inputs for a session}
     *
     * @throws OrtException if an input cannot be made up: no tensor, too large, or a type that Java cannot give
     */
    public static DefaultFeeds of(OrtEnvironment environment, OrtSession session) throws OrtException {
        var feeds = new DefaultFeeds();
        try {
            for (NodeInfo node : session.getInputInfo().values()) {
                feeds.tensors.put(node.getName(), tensor(environment, node));
            }
            return feeds;
        } catch (OrtException | RuntimeException | OutOfMemoryError e) {
            feeds.close();
            throw e;
        }
    }

    /** {@return the inputs by name; closed with this} */
    public Map<String, OnnxTensor> tensors() {
        return tensors;
    }

    @Override
    public void close() {
        tensors.values().forEach(OnnxTensor::close);
        tensors.clear();
    }

    private static OnnxTensor tensor(OrtEnvironment environment, NodeInfo node) throws OrtException {
        if (!(node.getInfo() instanceof TensorInfo info)
                || info.type == OnnxJavaType.UNKNOWN
                || OnnxTensorType.mapFromJavaType(info.type) != info.onnxType) {
            throw new OrtException("input '" + node.getName() + "' cannot be made up");
        }
        long[] shape = Arrays.stream(info.getShape()).map(d -> d < 0 ? 1 : d).toArray();
        double elements = Arrays.stream(shape).asDoubleStream().reduce(1, (a, b) -> a * b);
        if (elements * info.type.size > LARGEST_BYTES) {
            throw new OrtException("input '" + node.getName() + "' is too large to try");
        }
        if (info.type == OnnxJavaType.STRING) {
            String[] empty = new String[(int) elements];
            Arrays.fill(empty, "");
            return OnnxTensor.createTensor(environment, empty, shape);
        }
        ByteBuffer data =
                ByteBuffer.allocateDirect((int) elements * info.type.size).order(ByteOrder.nativeOrder());
        fill(data, info.type);
        return OnnxTensor.createTensor(environment, data, shape, info.type);
    }

    private static void fill(ByteBuffer data, OnnxJavaType type) {
        while (data.hasRemaining()) {
            switch (type) {
                case INT8, UINT8 -> data.put((byte) 1);
                case INT16 -> data.putShort((short) 1);
                case INT32 -> data.putInt(1);
                case INT64 -> data.putLong(1);
                default -> data.put((byte) 0);
            }
        }
        data.rewind();
    }
}
