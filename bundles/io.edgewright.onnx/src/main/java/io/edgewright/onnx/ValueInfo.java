// SPDX-License-Identifier: Apache-2.0
package io.edgewright.onnx;

import io.edgewright.api.tensor.TensorSpec;
import io.edgewright.onnx.proto.TensorShapeProto;
import io.edgewright.onnx.proto.TensorShapeProto.Dimension;
import io.edgewright.onnx.proto.TypeProto;
import io.edgewright.onnx.proto.ValueInfoProto;
import java.util.List;
import java.util.Optional;

/** Name, element type and shape of a value, as far as they are known. Immutable. */
public final class ValueInfo {

    private final ValueInfoProto proto;

    ValueInfo(ValueInfoProto proto) {
        this.proto = proto;
    }

    /** {@return a tensor} */
    public static ValueInfo of(String name, DataType type, List<Dim> shape) {
        var dims = TensorShapeProto.newBuilder();
        for (Dim dim : shape) {
            var one = Dimension.newBuilder();
            if (dim.isFixed()) {
                one.setDimValue(dim.size());
            } else if (!dim.symbol().isEmpty()) {
                one.setDimParam(dim.symbol());
            }
            dims.addDim(one);
        }
        return tensor(
                name, TypeProto.Tensor.newBuilder().setElemType(type.code()).setShape(dims));
    }

    /** {@return a tensor of open rank} */
    public static ValueInfo of(String name, DataType type) {
        return tensor(name, TypeProto.Tensor.newBuilder().setElemType(type.code()));
    }

    /** {@return a value of which nothing is known; as a graph output, ONNX Runtime finds its type} */
    public static ValueInfo untyped(String name) {
        return new ValueInfo(ValueInfoProto.newBuilder().setName(name).build());
    }

    private static ValueInfo tensor(String name, TypeProto.Tensor.Builder type) {
        return new ValueInfo(ValueInfoProto.newBuilder()
                .setName(name)
                .setType(TypeProto.newBuilder().setTensorType(type))
                .build());
    }

    /** {@return the name of the value} */
    public String name() {
        return proto.getName();
    }

    /** {@return the element type; empty if it is not known or the value is no tensor} */
    public Optional<DataType> type() {
        return DataType.of(proto.getType().getTensorType().getElemType());
    }

    /** {@return true for sequences, maps, optional values and sparse tensors} */
    public boolean isNoTensor() {
        TypeProto type = proto.getType();
        return type.hasSequenceType() || type.hasMapType() || type.hasSparseTensorType() || type.hasOptionalType();
    }

    /** {@return the dimensions, outermost first; empty if not even the rank is known} */
    public Optional<List<Dim>> shape() {
        TypeProto.Tensor tensor = proto.getType().getTensorType();
        return tensor.hasShape()
                ? Optional.of(tensor.getShape().getDimList().stream()
                        .map(ValueInfo::dim)
                        .toList())
                : Optional.empty();
    }

    /** {@return what our tensors need to know about it; empty if its type is not known or none of theirs} */
    public Optional<TensorSpec> spec() {
        List<Long> shape = shape().map(dims -> dims.stream()
                        .map(d -> d.isFixed() ? d.size() : TensorSpec.DYNAMIC)
                        .toList())
                .orElse(TensorSpec.ANY_SHAPE);
        return type().flatMap(DataType::elementType).map(type -> new TensorSpec(name(), type, shape));
    }

    /** {@return the same under another name} */
    public ValueInfo renamed(String name) {
        return new ValueInfo(proto.toBuilder().setName(name).build());
    }

    ValueInfoProto proto() {
        return proto;
    }

    private static Dim dim(Dimension dim) {
        if (dim.hasDimValue() && dim.getDimValue() >= 0) {
            return Dim.of(dim.getDimValue());
        }
        return Dim.symbolic(dim.getDimParam()); // some exporters write any negative size for "dynamic"
    }

    /** {@return such as {@code x: FLOAT32 [N, 3]}} */
    @Override
    public String toString() {
        String dims = shape().map(s -> s.stream()
                        .map(d -> d.isFixed()
                                ? String.valueOf(d.size())
                                : d.symbol().isEmpty() ? "?" : d.symbol())
                        .toList()
                        .toString())
                .orElse("[...]");
        return name() + ": " + type().map(DataType::name).orElse("?") + " " + dims;
    }
}
