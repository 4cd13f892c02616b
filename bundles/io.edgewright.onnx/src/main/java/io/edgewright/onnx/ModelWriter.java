// SPDX-License-Identifier: Apache-2.0
package io.edgewright.onnx;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.edgewright.api.config.DurableFiles;
import io.edgewright.onnx.proto.Span;
import io.edgewright.onnx.proto.TensorProto;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/** Writes a model; its weights go from file to file without passing through the heap. */
final class ModelWriter {

    /** Less than 2 GiB, as ONNX Runtime reads no larger file. */
    private static final long LARGEST_FILE = Integer.MAX_VALUE - (1L << 16);

    private static final int SMALLEST_BESIDE = 1 << 10;

    /** A page, so that the engine can map what lies there. */
    private static final int ALIGNMENT = 4096;

    private final List<Bytes> spans = new ArrayList<>();

    private ModelWriter() {}

    static void write(OnnxModel model, Path target, Storage storage) throws IOException {
        boolean beside = storage == Storage.BESIDE;
        if (storage == Storage.AUTO) {
            long all = model.graph().withSubgraphs().stream()
                    .flatMap(graph -> graph.initializers().values().stream())
                    .mapToLong(Weights::byteSize)
                    .sum();
            beside = all > LARGEST_FILE - (64 << 20);
        }
        if (beside) {
            writeBeside(model, target);
        } else {
            var writer = new ModelWriter();
            publish(writer.fill(ModelEncoder.encode(model, writer::inside).toByteArray()), target);
        }
    }

    static byte[] toBytes(OnnxModel model) throws IOException {
        var writer = new ModelWriter();
        return writer.fill(ModelEncoder.encode(model, writer::inside).toByteArray())
                .toBytes();
    }

    private Pieces fill(byte[] skeleton) throws IOException {
        return Skeleton.fill(skeleton, spans);
    }

    private static void publish(Pieces pieces, Path target) throws IOException {
        if (pieces.length() > LARGEST_FILE) {
            throw new IOException("the model takes %d bytes, expected at most %d: its weights must go beside it"
                    .formatted(pieces.length(), LARGEST_FILE));
        }
        Path temporary = DurableFiles.temporaryFor(target);
        try {
            try (FileChannel out =
                    FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
                pieces.writeTo(out);
            }
            DurableFiles.publish(temporary, target);
        } finally {
            Files.deleteIfExists(temporary);
        }
    }

    /** The weights first: a model never names a file that is not there yet. */
    private static void writeBeside(OnnxModel model, Path target) throws IOException {
        Path data = target.resolveSibling(target.getFileName() + ".data");
        Path temporary = DurableFiles.temporaryFor(data);
        var writer = new ModelWriter();
        try {
            Pieces pieces;
            try (FileChannel out =
                    FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
                String location = data.getFileName().toString();
                pieces = writer.fill(
                        ModelEncoder.encode(model, (name, weights) -> writer.beside(name, weights, location, out))
                                .toByteArray());
            }
            DurableFiles.publish(temporary, data);
            publish(pieces, target);
        } finally {
            Files.deleteIfExists(temporary);
        }
    }

    private TensorProto inside(String name, Weights weights) throws IOException {
        TensorProto.Builder proto = head(name, weights);
        if (weights.type() == DataType.STRING) {
            return strings(proto, weights);
        }
        if (weights.byteSize() < Skeleton.SMALLEST_SPAN) {
            return proto.setRawData(UnsafeByteOperations.unsafeWrap(weights.bytes()))
                    .build();
        }
        spans.add(weights.data());
        return proto.setSpan(Span.newBuilder().setSource(spans.size() - 1)).build();
    }

    private TensorProto beside(String name, Weights weights, String location, FileChannel out) throws IOException {
        boolean isInitializer = !name.isEmpty(); // engines look for others in the model only
        if (!isInitializer || weights.byteSize() < SMALLEST_BESIDE || weights.type() == DataType.STRING) {
            return inside(name, weights);
        }
        long offset = (out.position() + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
        out.position(offset);
        weights.data().writeTo(out);
        return head(name, weights)
                .setDataLocation(1)
                .addExternalData(ModelEncoder.entry("location", location))
                .addExternalData(ModelEncoder.entry("offset", String.valueOf(offset)))
                .addExternalData(ModelEncoder.entry("length", String.valueOf(weights.byteSize())))
                .build();
    }

    private static TensorProto.Builder head(String name, Weights weights) {
        TensorProto.Builder proto =
                TensorProto.newBuilder().setDataType(weights.type().code()).addAllDims(weights.shape());
        return name.isEmpty() ? proto : proto.setName(name);
    }

    private static TensorProto strings(TensorProto.Builder proto, Weights weights) throws IOException {
        ByteBuffer in = weights.data().get().order(ByteOrder.nativeOrder());
        while (in.hasRemaining()) {
            int length = in.getInt();
            proto.addStringData(ByteString.copyFrom(in, length));
        }
        return proto.build();
    }
}
