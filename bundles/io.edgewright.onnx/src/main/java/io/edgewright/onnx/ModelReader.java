// SPDX-License-Identifier: Apache-2.0
package io.edgewright.onnx;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.edgewright.onnx.proto.AttributeProto;
import io.edgewright.onnx.proto.GraphProto;
import io.edgewright.onnx.proto.ModelProto;
import io.edgewright.onnx.proto.NodeProto;
import io.edgewright.onnx.proto.SparseTensorProto;
import io.edgewright.onnx.proto.StringStringEntryProto;
import io.edgewright.onnx.proto.TensorProto;
import io.edgewright.onnx.proto.ValueInfoProto;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Makes a graph of the messages of a file. */
final class ModelReader {

    private final WeightsReader weights;

    private ModelReader(ModelFiles files) {
        this.weights = new WeightsReader(files);
    }

    static OnnxModel read(ModelFiles files) throws IOException {
        ModelProto proto;
        try {
            proto = ModelProto.parseFrom(Skeleton.of(files.source()));
        } catch (InvalidProtocolBufferException e) {
            throw new MalformedModelException("it is no ONNX model: " + e.getMessage());
        }
        if (!proto.hasGraph() || proto.getIrVersion() <= 0) {
            throw new MalformedModelException("it has no graph or no IR version: not an ONNX model");
        }
        Graph graph;
        try {
            graph = new ModelReader(files).graph(proto.getGraph());
        } catch (IllegalArgumentException e) {
            throw new MalformedModelException(String.valueOf(e.getMessage()));
        }
        ModelProto rest = proto.toBuilder()
                .clearGraph()
                .clearOpsetImport()
                .clearMetadataProps()
                .build();
        OnnxModel model = new OnnxModel(proto.getIrVersion(), graph, rest, files);
        proto.getOpsetImportList()
                .forEach(o -> model.opsets().put(o.getDomain().equals("ai.onnx") ? "" : o.getDomain(), o.getVersion()));
        for (StringStringEntryProto entry : proto.getMetadataPropsList()) {
            model.metadata().put(entry.getKey(), entry.getValue());
        }
        return model;
    }

    private Graph graph(GraphProto proto) throws IOException {
        Graph graph = new Graph(
                proto.getName(),
                proto.toBuilder()
                        .clearNode()
                        .clearInitializer()
                        .clearSparseInitializer()
                        .clearInput()
                        .clearOutput()
                        .clearValueInfo()
                        .build());
        for (TensorProto tensor : proto.getInitializerList()) {
            addInitializer(graph, tensor.getName(), weights.of(tensor));
        }
        for (SparseTensorProto tensor : proto.getSparseInitializerList()) {
            addInitializer(graph, tensor.getValues().getName(), weights.of(tensor));
        }
        graph.setInputs(values(proto.getInputList()));
        graph.setOutputs(values(proto.getOutputList()));
        values(proto.getValueInfoList()).forEach(graph::describe);
        for (NodeProto node : proto.getNodeList()) {
            graph.add(node(node));
        }
        return graph;
    }

    private static void addInitializer(Graph graph, String name, Weights weights) throws MalformedModelException {
        if (graph.initializers().containsKey(name)) {
            throw new MalformedModelException("two initializers are named '" + name + "', expected one");
        }
        graph.setInitializer(name, weights);
    }

    private static List<ValueInfo> values(List<ValueInfoProto> protos) {
        return protos.stream().map(ValueInfo::new).toList();
    }

    private Node node(NodeProto proto) throws IOException {
        NodeProto rest = proto.toBuilder()
                .clearInput()
                .clearOutput()
                .clearAttribute()
                .clearName()
                .clearOpType()
                .clearDomain()
                .build();
        Node node = new Node(
                proto.getDomain(),
                proto.getOpType(),
                proto.getName(),
                proto.getInputList(),
                proto.getOutputList(),
                rest);
        for (AttributeProto attribute : proto.getAttributeList()) {
            if (node.attribute(attribute.getName()).isPresent()) {
                throw new MalformedModelException(
                        "%s has two attributes '%s', expected one".formatted(node, attribute.getName()));
            }
            node.set(attribute.getName(), attribute(attribute));
        }
        return node;
    }

    private Attribute attribute(AttributeProto proto) throws IOException {
        AttributeKind kind = AttributeKind.of(proto);
        return switch (kind) {
            case FLOAT -> Attribute.of(proto.getF());
            case INT -> Attribute.of(proto.getI());
            case STRING ->
                proto.getS().isValidUtf8() ? Attribute.of(proto.getS().toStringUtf8()) : other(proto);
            case TENSOR -> Attribute.of(weights.of(proto.getT()));
            case GRAPH -> Attribute.of(graph(proto.getG()));
            case FLOATS -> Attribute.ofFloats(proto.getFloatsList());
            case INTS -> Attribute.ofInts(proto.getIntsList());
            case STRINGS ->
                proto.getStringsList().stream().allMatch(ByteString::isValidUtf8)
                        ? Attribute.ofTexts(proto.getStringsList().stream()
                                .map(ByteString::toStringUtf8)
                                .toList())
                        : other(proto);
            case TENSORS -> {
                List<Weights> all = new ArrayList<>();
                for (TensorProto tensor : proto.getTensorsList()) {
                    all.add(weights.of(tensor));
                }
                yield new Attribute.Tensors(all);
            }
            case GRAPHS -> {
                List<Graph> all = new ArrayList<>();
                for (GraphProto graph : proto.getGraphsList()) {
                    all.add(graph(graph));
                }
                yield new Attribute.Bodies(all);
            }
            case OTHER -> other(proto);
        };
    }

    /** Without what may hold spans: they mean nothing in another file. */
    private static Attribute other(AttributeProto proto) {
        return new Attribute.Other(
                proto.toBuilder().clearT().clearTensors().clearG().clearGraphs().build());
    }
}
