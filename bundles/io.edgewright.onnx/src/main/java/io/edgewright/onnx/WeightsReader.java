// SPDX-License-Identifier: Apache-2.0
package io.edgewright.onnx;

import com.google.protobuf.ByteString;
import io.edgewright.api.tensor.Tensor;
import io.edgewright.onnx.proto.Span;
import io.edgewright.onnx.proto.SparseTensorProto;
import io.edgewright.onnx.proto.StringStringEntryProto;
import io.edgewright.onnx.proto.TensorProto;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.Map;

/** Finds the elements of a tensor, wherever a TensorProto may have them. */
final class WeightsReader {

    private static final int EXTERNAL = 1;

    private final ModelFiles files;

    WeightsReader(ModelFiles files) {
        this.files = files;
    }

    Weights of(TensorProto proto) throws IOException {
        DataType type = DataType.of(proto.getDataType())
                .orElseThrow(() -> new MalformedModelException("tensor '%s' has element type %s, which is not supported"
                        .formatted(proto.getName(), DataType.name(proto.getDataType()))));
        try {
            long elements = Tensor.elements(proto.getDimsList());
            return new Weights(type, proto.getDimsList(), data(proto, type, elements));
        } catch (IllegalArgumentException e) {
            throw new MalformedModelException("tensor '" + proto.getName() + "': " + e.getMessage());
        }
    }

    Weights of(SparseTensorProto proto) throws IOException {
        String name = proto.getValues().getName();
        Weights values = of(proto.getValues());
        Weights indices = of(proto.getIndices());
        try {
            return new Weights(
                    values.type(), proto.getDimsList(), SparseBytes.of(values, indices, proto.getDimsList()));
        } catch (IllegalArgumentException e) {
            throw new MalformedModelException("sparse tensor '" + name + "': " + e.getMessage());
        }
    }

    private Bytes data(TensorProto proto, DataType type, long elements) throws IOException {
        if (type == DataType.STRING) {
            return strings(proto, elements);
        }
        if (proto.getDataLocation() == EXTERNAL) {
            return external(proto);
        }
        if (proto.hasSpan()) {
            return span(proto, type);
        }
        if (proto.hasRawData()) {
            return new Bytes.InMemory(proto.getRawData().asReadOnlyByteBuffer());
        }
        long size = type.bytes(elements);
        long limit = 16L * proto.getSerializedSize(); // typed data takes a byte for an element of up to 16
        if (size > limit) {
            throw new IllegalArgumentException("%s %s takes %d bytes, found a message of %d"
                    .formatted(type, proto.getDimsList(), size, proto.getSerializedSize()));
        }
        return new Bytes.InMemory(typed(proto, type, (int) size));
    }

    private Bytes span(TensorProto proto, DataType type) throws IOException {
        Span span = proto.getSpan();
        boolean fits =
                switch (span.getSource()) {
                    case TensorProto.FLOAT_DATA_FIELD_NUMBER -> type == DataType.FLOAT32 || type == DataType.COMPLEX64;
                    case TensorProto.DOUBLE_DATA_FIELD_NUMBER ->
                        type == DataType.FLOAT64 || type == DataType.COMPLEX128;
                    default -> true;
                };
        if (!fits) {
            throw new IllegalArgumentException(
                    "it is %s, but its data is in field %d".formatted(type, span.getSource()));
        }
        return files.bytes(span.getOffset(), span.getLength());
    }

    private Bytes external(TensorProto proto) throws IOException {
        Map<String, String> entries = new HashMap<>();
        for (StringStringEntryProto entry : proto.getExternalDataList()) {
            entries.put(entry.getKey(), entry.getValue());
        }
        try {
            return files.external(
                    entries.getOrDefault("location", ""),
                    Long.parseLong(entries.getOrDefault("offset", "0")),
                    Long.parseLong(entries.getOrDefault("length", "-1")));
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("offset or length of its external data is no number: " + e.getMessage());
        }
    }

    /** The typed fields of TensorProto: which one holds a type is written at each in ONNX's IR specification. */
    private static ByteBuffer typed(TensorProto proto, DataType type, int size) {
        int width = Math.max(1, type.bits() / 8);
        int count = type.bits() < 8 ? size : Math.toIntExact(size / width);
        int found =
                switch (type) {
                    case FLOAT32 -> proto.getFloatDataCount();
                    case COMPLEX64 -> proto.getFloatDataCount() / 2;
                    case FLOAT64 -> proto.getDoubleDataCount();
                    case COMPLEX128 -> proto.getDoubleDataCount() / 2;
                    case INT64 -> proto.getInt64DataCount();
                    case UINT32, UINT64 -> proto.getUint64DataCount();
                    default -> proto.getInt32DataCount();
                };
        if (found != count) {
            throw new IllegalArgumentException(
                    "%s %s takes %d elements, found %d".formatted(type, proto.getDimsList(), count, found));
        }
        ByteBuffer data = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
        switch (type) {
            case FLOAT32, COMPLEX64 -> proto.getFloatDataList().forEach(data::putFloat);
            case FLOAT64, COMPLEX128 -> proto.getDoubleDataList().forEach(data::putDouble);
            case INT64 -> proto.getInt64DataList().forEach(data::putLong);
            case UINT64 -> proto.getUint64DataList().forEach(data::putLong);
            case UINT32 -> proto.getUint64DataList().forEach(value -> data.putInt(value.intValue()));
            case INT32 -> proto.getInt32DataList().forEach(data::putInt);
            default -> {
                for (int value : proto.getInt32DataList()) {
                    if (width == 2) {
                        data.putShort((short) value);
                    } else {
                        data.put((byte) value);
                    }
                }
            }
        }
        return data.flip();
    }

    /** As our tensors have them: a length in native order before each. */
    private static Bytes strings(TensorProto proto, long elements) {
        if (proto.getStringDataCount() != elements) {
            throw new IllegalArgumentException("STRING %s takes %d strings, found %d"
                    .formatted(proto.getDimsList(), elements, proto.getStringDataCount()));
        }
        int size = 0;
        for (ByteString value : proto.getStringDataList()) {
            size += 4 + value.size();
        }
        ByteBuffer data = ByteBuffer.allocate(size).order(ByteOrder.nativeOrder());
        for (ByteString value : proto.getStringDataList()) {
            data.putInt(value.size()).put(value.asReadOnlyByteBuffer());
        }
        return new Bytes.InMemory(data.flip());
    }
}
