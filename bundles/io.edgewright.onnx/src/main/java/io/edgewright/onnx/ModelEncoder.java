// SPDX-License-Identifier: Apache-2.0
package io.edgewright.onnx;

import com.google.protobuf.ByteString;
import io.edgewright.onnx.proto.AttributeProto;
import io.edgewright.onnx.proto.GraphProto;
import io.edgewright.onnx.proto.ModelProto;
import io.edgewright.onnx.proto.NodeProto;
import io.edgewright.onnx.proto.OperatorSetIdProto;
import io.edgewright.onnx.proto.SparseTensorProto;
import io.edgewright.onnx.proto.StringStringEntryProto;
import io.edgewright.onnx.proto.TensorProto;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/** Makes the messages of a file of a graph. */
final class ModelEncoder {

    private final WeightsWriter weights;

    private ModelEncoder(WeightsWriter weights) {
        this.weights = weights;
    }

    static ModelProto encode(OnnxModel model, WeightsWriter weights) throws IOException {
        ModelProto.Builder proto = model.rest().toBuilder()
                .setIrVersion(model.irVersion())
                .setGraph(new ModelEncoder(weights).graph(model.graph()));
        model.opsets()
                .forEach((domain, version) -> proto.addOpsetImport(
                        OperatorSetIdProto.newBuilder().setDomain(domain).setVersion(version)));
        model.metadata().forEach((key, value) -> proto.addMetadataProps(entry(key, value)));
        return proto.build();
    }

    static StringStringEntryProto entry(String key, String value) {
        return StringStringEntryProto.newBuilder().setKey(key).setValue(value).build();
    }

    private GraphProto graph(Graph graph) throws IOException {
        GraphProto.Builder proto = graph.rest().toBuilder().setName(graph.name());
        for (Node node : graph.nodes()) {
            proto.addNode(node(node));
        }
        for (var entry : graph.initializers().entrySet()) {
            if (entry.getValue().data() instanceof SparseBytes sparse) {
                proto.addSparseInitializer(sparse(entry.getKey(), entry.getValue(), sparse));
            } else {
                proto.addInitializer(weights.tensor(entry.getKey(), entry.getValue()));
            }
        }
        graph.inputs().forEach(value -> proto.addInput(value.proto()));
        graph.outputs().forEach(value -> proto.addOutput(value.proto()));
        graph.valueInfos().values().stream()
                .filter(value -> graph.producer(value.name()).isPresent() && !graph.isOutput(value.name()))
                .forEach(value -> proto.addValueInfo(value.proto()));
        return proto.build();
    }

    /** Inside the model in any case: engines look for it nowhere else. */
    private SparseTensorProto sparse(String name, Weights all, SparseBytes sparse) throws IOException {
        List<Long> count = List.of(sparse.count());
        TensorProto values = weights.tensor("", new Weights(all.type(), count, sparse.values()));
        return SparseTensorProto.newBuilder()
                .setValues(values.toBuilder().setName(name))
                .setIndices(weights.tensor("", new Weights(DataType.INT64, count, sparse.places())))
                .addAllDims(all.shape())
                .build();
    }

    private NodeProto node(Node node) throws IOException {
        NodeProto.Builder proto = node.rest().toBuilder()
                .setOpType(node.opType())
                .addAllInput(node.inputs())
                .addAllOutput(node.outputs());
        if (!node.name().isEmpty()) {
            proto.setName(node.name());
        }
        if (!node.domain().isEmpty()) {
            proto.setDomain(node.domain());
        }
        for (Map.Entry<String, Attribute> entry : node.attributes().entrySet()) {
            proto.addAttribute(attribute(entry.getKey(), entry.getValue()));
        }
        return proto.build();
    }

    private AttributeProto attribute(String name, Attribute value) throws IOException {
        AttributeProto.Builder proto = AttributeProto.newBuilder().setName(name);
        AttributeKind kind;
        if (value instanceof Attribute.Real one) {
            kind = AttributeKind.FLOAT;
            proto.setF(one.value());
        } else if (value instanceof Attribute.Int one) {
            kind = AttributeKind.INT;
            proto.setI(one.value());
        } else if (value instanceof Attribute.Text one) {
            kind = AttributeKind.STRING;
            proto.setS(ByteString.copyFromUtf8(one.value()));
        } else if (value instanceof Attribute.TensorValue one) {
            kind = AttributeKind.TENSOR;
            proto.setT(weights.tensor("", one.value()));
        } else if (value instanceof Attribute.Body one) {
            kind = AttributeKind.GRAPH;
            proto.setG(graph(one.value()));
        } else if (value instanceof Attribute.Other other) {
            return other.proto();
        } else {
            kind = list(value, proto);
        }
        return proto.setType(kind.code()).build();
    }

    private AttributeKind list(Attribute value, AttributeProto.Builder proto) throws IOException {
        if (value instanceof Attribute.Floats all) {
            proto.addAllFloats(all.values());
            return AttributeKind.FLOATS;
        }
        if (value instanceof Attribute.Ints all) {
            proto.addAllInts(all.values());
            return AttributeKind.INTS;
        }
        if (value instanceof Attribute.Texts all) {
            all.values().forEach(text -> proto.addStrings(ByteString.copyFromUtf8(text)));
            return AttributeKind.STRINGS;
        }
        if (value instanceof Attribute.Tensors all) {
            for (Weights one : all.values()) {
                proto.addTensors(weights.tensor("", one));
            }
            return AttributeKind.TENSORS;
        }
        List<Graph> bodies = ((Attribute.Bodies) value).values();
        for (Graph one : bodies) {
            proto.addGraphs(graph(one));
        }
        return AttributeKind.GRAPHS;
    }

    /** Makes a TensorProto of weights. */
    interface WeightsWriter {

        /** @param name of an initializer; empty for a tensor in an attribute */
        TensorProto tensor(String name, Weights weights) throws IOException;
    }
}
