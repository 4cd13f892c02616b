// SPDX-License-Identifier: Apache-2.0
package io.edgewright.onnxruntime.session;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.TensorInfo;
import ai.onnxruntime.TensorInfo.OnnxTensorType;
import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.accelerator.InferenceException.Reason;
import io.edgewright.api.tensor.ElementType;
import io.edgewright.api.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Translates ONNX Runtime's types and shapes into ours and back. */
public final class OrtTypes {

    private OrtTypes() {}

    /**
     * {@return inputs or outputs in our terms}
     *
     * @param model for the error text
     * @param nodes {@code getInputInfo().values()} or {@code getOutputInfo().values()} of a session
     * @param rankless names whose rank is open: ONNX Runtime's Java API shows them as scalars
     * @throws InferenceException with {@code MODEL_UNSUPPORTED} if one is no tensor, or of a type that has no name here
     */
    public static List<TensorSpec> specs(String model, Collection<NodeInfo> nodes, Set<String> rankless)
            throws InferenceException {
        List<TensorSpec> specs = new ArrayList<>();
        for (NodeInfo node : nodes) {
            if (!(node.getInfo() instanceof TensorInfo info)) {
                throw new InferenceException(
                        Reason.MODEL_UNSUPPORTED,
                        "model %s: '%s' is %s, expected a tensor: sequences, maps and optional values are not supported"
                                .formatted(model, node.getName(), node.getInfo()),
                        null);
            }
            ElementType type = elementType(info.onnxType).orElse(null);
            if (type == null) {
                throw new InferenceException(
                        Reason.MODEL_UNSUPPORTED,
                        "model %s: '%s' has element type %s, expected one of %s"
                                .formatted(
                                        model,
                                        node.getName(),
                                        info.onnxType == OnnxTensorType.ONNX_TENSOR_ELEMENT_DATA_TYPE_UNDEFINED
                                                ? "unknown to ONNX Runtime's Java API (such as INT4)"
                                                : info.onnxType.name().replace("ONNX_TENSOR_ELEMENT_DATA_TYPE_", ""),
                                        List.of(ElementType.values())),
                        null);
            }
            specs.add(new TensorSpec(node.getName(), type, shape(node.getName(), info.getShape(), rankless)));
        }
        return List.copyOf(specs);
    }

    private static List<Long> shape(String name, long[] dims, Set<String> rankless) {
        if (dims.length == 0 && rankless.contains(name)) {
            return TensorSpec.ANY_SHAPE;
        }
        List<Long> shape = new ArrayList<>();
        for (long dim : dims) {
            shape.add(dim < 0 ? TensorSpec.DYNAMIC : dim);
        }
        return shape;
    }

    /** {@return the Java type that carries the elements; the signed one for unsigned types of 16 bits and more} */
    public static OnnxJavaType carrier(ElementType type) {
        return switch (type) {
            case FLOAT32 -> OnnxJavaType.FLOAT;
            case FLOAT16 -> OnnxJavaType.FLOAT16;
            case FLOAT64 -> OnnxJavaType.DOUBLE;
            case INT8 -> OnnxJavaType.INT8;
            case UINT8 -> OnnxJavaType.UINT8;
            case INT16, UINT16 -> OnnxJavaType.INT16;
            case INT32, UINT32 -> OnnxJavaType.INT32;
            case INT64, UINT64 -> OnnxJavaType.INT64;
            case BOOL -> OnnxJavaType.BOOL;
            case STRING -> OnnxJavaType.STRING;
        };
    }

    /** {@return true for types that ONNX Runtime's Java API cannot make a tensor of} */
    static boolean needsCast(ElementType type) {
        return type == ElementType.UINT16 || type == ElementType.UINT32 || type == ElementType.UINT64;
    }

    static long[] dims(List<Long> shape) {
        return shape.stream().mapToLong(Long::longValue).toArray();
    }

    /** {@return the type of our tensors; empty if they have none} */
    public static Optional<ElementType> elementType(OnnxTensorType type) {
        ElementType found =
                switch (type) {
                    case ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT -> ElementType.FLOAT32;
                    case ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT16 -> ElementType.FLOAT16;
                    case ONNX_TENSOR_ELEMENT_DATA_TYPE_DOUBLE -> ElementType.FLOAT64;
                    case ONNX_TENSOR_ELEMENT_DATA_TYPE_INT8 -> ElementType.INT8;
                    case ONNX_TENSOR_ELEMENT_DATA_TYPE_INT16 -> ElementType.INT16;
                    case ONNX_TENSOR_ELEMENT_DATA_TYPE_INT32 -> ElementType.INT32;
                    case ONNX_TENSOR_ELEMENT_DATA_TYPE_INT64 -> ElementType.INT64;
                    case ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT8 -> ElementType.UINT8;
                    case ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT16 -> ElementType.UINT16;
                    case ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT32 -> ElementType.UINT32;
                    case ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT64 -> ElementType.UINT64;
                    case ONNX_TENSOR_ELEMENT_DATA_TYPE_BOOL -> ElementType.BOOL;
                    case ONNX_TENSOR_ELEMENT_DATA_TYPE_STRING -> ElementType.STRING;
                    default -> null;
                };
        return Optional.ofNullable(found);
    }
}
