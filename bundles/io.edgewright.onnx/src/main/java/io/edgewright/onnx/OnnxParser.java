// SPDX-License-Identifier: Apache-2.0
package io.edgewright.onnx;

import io.edgewright.api.tensor.ElementType;
import io.edgewright.api.tensor.TensorSpec;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Reads one ModelProto. Field numbers: onnx.proto of ONNX 1.19. */
final class OnnxParser {

    private static final int MAX_NAME = 1 << 16;
    private static final int MAX_METADATA_VALUE = 1 << 20;
    private static final int MAX_RANK = 1 << 10;

    /** What may be kept of one file in memory: names, metadata and shapes. Real models need some hundred KiB. */
    private static final long MAX_KEPT = 32L << 20;

    private static final Set<String> STANDARD_DOMAINS =
            Set.of("", "ai.onnx", "ai.onnx.ml", "ai.onnx.training", "ai.onnx.preview.training");

    /** A graph input or output; the type is empty where there is no tensor of ours for it. */
    private record Value(String name, Optional<ElementType> type, String typeName, List<Long> shape) {}

    private final ProtoReader in;
    private final Map<String, Long> opsets = new HashMap<>();
    private final Map<String, String> metadata = new HashMap<>();
    private final Set<String> operators = new TreeSet<>();
    private final Set<String> usedDomains = new TreeSet<>();
    private final Set<String> functionDomains = new HashSet<>();
    private final Set<String> externalFiles = new LinkedHashSet<>();
    private final Set<String> initializers = new HashSet<>();
    private final List<Value> inputs = new ArrayList<>();
    private final List<Value> outputs = new ArrayList<>();
    private long irVersion;
    private String producer = "";
    private String producerVersion = "";
    private boolean graphSeen;
    private long kept;

    OnnxParser(ProtoReader in) {
        this.in = in;
    }

    OnnxModelInfo model() throws IOException {
        for (int field = in.next(); field != 0; field = in.next()) {
            switch (field) {
                case 1 -> irVersion = in.number("ModelProto.ir_version");
                case 2 -> producer = text("ModelProto.producer_name");
                case 3 -> producerVersion = text("ModelProto.producer_version");
                case 7 -> mainGraph();
                case 8 -> in.message("ModelProto.opset_import", this::opset);
                case 14 -> entry("ModelProto.metadata_props", MAX_METADATA_VALUE, metadata);
                case 20 -> in.message("ModelProto.training_info", this::training);
                case 25 -> in.message("ModelProto.functions", this::function);
                default -> in.skip();
            }
        }
        if (irVersion <= 0) {
            throw new MalformedModelException("it has no IR version: not an ONNX model");
        }
        if (!graphSeen) {
            throw new MalformedModelException("it has no graph");
        }
        if (outputs.isEmpty()) {
            throw new MalformedModelException("its graph has no outputs");
        }
        inputs.removeIf(input -> initializers.contains(input.name()));
        Set<String> custom = new TreeSet<>(usedDomains);
        custom.removeAll(STANDARD_DOMAINS);
        custom.removeAll(functionDomains);
        return new OnnxModelInfo(
                irVersion,
                opsets,
                (producer + " " + producerVersion).strip(),
                specs(inputs),
                specs(outputs),
                unsupported(inputs),
                unsupported(outputs),
                metadata,
                operators,
                custom,
                List.copyOf(externalFiles));
    }

    private void mainGraph() throws IOException {
        if (graphSeen) {
            throw new MalformedModelException("it has more than one graph");
        }
        graphSeen = true;
        in.message("ModelProto.graph", () -> graph(true));
    }

    private void training() throws IOException {
        for (int field = in.next(); field != 0; field = in.next()) {
            switch (field) {
                case 1, 2 -> in.message("TrainingInfoProto graph", () -> graph(false));
                default -> in.skip();
            }
        }
    }

    private void opset() throws IOException {
        String domain = "";
        long version = 0;
        for (int field = in.next(); field != 0; field = in.next()) {
            switch (field) {
                case 1 -> domain = text("OperatorSetIdProto.domain");
                case 2 -> version = in.number("OperatorSetIdProto.version");
                default -> in.skip();
            }
        }
        opsets.put(domain, version);
    }

    private void function() throws IOException {
        String domain = "";
        for (int field = in.next(); field != 0; field = in.next()) {
            switch (field) {
                case 7 -> in.message("FunctionProto.node", this::node);
                case 10 -> domain = text("FunctionProto.domain");
                case 11 -> in.message("FunctionProto.attribute_proto", this::attribute);
                default -> in.skip();
            }
        }
        functionDomains.add(domain);
    }

    private void graph(boolean main) throws IOException {
        for (int field = in.next(); field != 0; field = in.next()) {
            switch (field) {
                case 1 -> in.message("GraphProto.node", this::node);
                case 5 -> in.message("GraphProto.initializer", () -> tensor(main));
                case 11 -> value("GraphProto.input", main ? inputs : null);
                case 12 -> value("GraphProto.output", main ? outputs : null);
                case 15 -> in.message("GraphProto.sparse_initializer", () -> sparseTensor(main));
                default -> in.skip();
            }
        }
    }

    private void node() throws IOException {
        String operator = "";
        String domain = "";
        for (int field = in.next(); field != 0; field = in.next()) {
            switch (field) {
                case 4 -> operator = in.text("NodeProto.op_type", MAX_NAME);
                case 5 -> in.message("NodeProto.attribute", this::attribute);
                case 7 -> domain = in.text("NodeProto.domain", MAX_NAME);
                default -> in.skip();
            }
        }
        if (operator.isEmpty()) {
            throw new MalformedModelException("a node has no operator");
        }
        String name = domain.isEmpty() || domain.equals("ai.onnx") ? operator : domain + "." + operator;
        if (operators.add(name)) {
            keep(name);
            usedDomains.add(domain);
        }
    }

    private void attribute() throws IOException {
        for (int field = in.next(); field != 0; field = in.next()) {
            switch (field) {
                case 5, 10 -> in.message("AttributeProto tensor", () -> tensor(false));
                case 6, 11 -> in.message("AttributeProto graph", () -> graph(false));
                case 22, 23 -> in.message("AttributeProto sparse tensor", () -> sparseTensor(false));
                default -> in.skip();
            }
        }
    }

    private void sparseTensor(boolean initializer) throws IOException {
        for (int field = in.next(); field != 0; field = in.next()) {
            switch (field) {
                case 1 -> in.message("SparseTensorProto.values", () -> tensor(initializer));
                case 2 -> in.message("SparseTensorProto.indices", () -> tensor(false));
                default -> in.skip();
            }
        }
    }

    private void tensor(boolean initializer) throws IOException {
        boolean external = false;
        String name = "";
        Map<String, String> entries = new HashMap<>();
        for (int field = in.next(); field != 0; field = in.next()) {
            switch (field) {
                case 8 -> name = in.text("TensorProto.name", MAX_NAME);
                case 13 -> entry("TensorProto.external_data", MAX_NAME, entries);
                case 14 -> external = in.number("TensorProto.data_location") == 1;
                default -> in.skip();
            }
        }
        String location = entries.get("location");
        if (external && location == null) {
            throw new MalformedModelException("tensor '" + name + "' has external data without a location");
        }
        if (location != null && externalFiles.add(location)) {
            keep(location);
        }
        if (initializer && initializers.add(name)) {
            keep(name);
        }
    }

    private void entry(String what, int maxValue, Map<String, String> entries) throws IOException {
        String[] pair = {"", ""};
        in.message(what, () -> {
            for (int field = in.next(); field != 0; field = in.next()) {
                switch (field) {
                    case 1 -> pair[0] = in.text(what + " key", MAX_NAME);
                    case 2 -> pair[1] = in.text(what + " value", maxValue);
                    default -> in.skip();
                }
            }
        });
        keep(pair[0]);
        keep(pair[1]);
        entries.put(pair[0], pair[1]);
    }

    private void value(String what, @Nullable List<Value> values) throws IOException {
        if (values == null) {
            in.skip();
            return;
        }
        in.message(what, () -> {
            String name = "";
            var type = new TypeOfValue("nothing known", List.of());
            for (int field = in.next(); field != 0; field = in.next()) {
                switch (field) {
                    case 1 -> name = text("ValueInfoProto.name");
                    case 2 -> type = type();
                    default -> in.skip();
                }
            }
            if (name.isBlank()) {
                throw new MalformedModelException("a " + what + " has no name");
            }
            values.add(new Value(name, type.element(), type.name(), type.shape()));
        });
    }

    /** The name is that of an {@link ElementType} for tensors that we can hold. */
    private record TypeOfValue(String name, List<Long> shape) {

        Optional<ElementType> element() {
            for (ElementType type : ElementType.values()) {
                if (type.name().equals(name)) {
                    return Optional.of(type);
                }
            }
            return Optional.empty();
        }
    }

    private TypeOfValue type() throws IOException {
        TypeOfValue[] type = {new TypeOfValue("nothing known", List.of())};
        in.message("ValueInfoProto.type", () -> {
            for (int field = in.next(); field != 0; field = in.next()) {
                if (field == 1) {
                    in.message("TypeProto.tensor_type", () -> type[0] = tensorType());
                    continue;
                }
                String other =
                        switch (field) {
                            case 4 -> "sequence";
                            case 5 -> "map";
                            case 8 -> "sparse tensor";
                            case 9 -> "optional";
                            default -> "";
                        };
                type[0] = other.isEmpty() ? type[0] : new TypeOfValue(other, List.of());
                in.skip();
            }
        });
        return type[0];
    }

    private TypeOfValue tensorType() throws IOException {
        long code = 0;
        List<Long> shape = new ArrayList<>(TensorSpec.ANY_SHAPE);
        for (int field = in.next(); field != 0; field = in.next()) {
            switch (field) {
                case 1 -> code = in.number("TypeProto.Tensor.elem_type");
                case 2 -> {
                    shape.clear();
                    in.message("TypeProto.Tensor.shape", () -> shape(shape));
                }
                default -> in.skip();
            }
        }
        return new TypeOfValue(DataType.name(code), shape);
    }

    private void shape(List<Long> shape) throws IOException {
        for (int field = in.next(); field != 0; field = in.next()) {
            if (field != 1) {
                in.skip();
                continue;
            }
            long[] size = {TensorSpec.DYNAMIC};
            in.message("TensorShapeProto.dim", () -> {
                for (int f = in.next(); f != 0; f = in.next()) {
                    if (f == 1) {
                        size[0] = in.number("TensorShapeProto.Dimension.dim_value");
                    } else {
                        in.skip();
                    }
                }
            });
            if (shape.size() == MAX_RANK) {
                throw new MalformedModelException("a tensor has more than " + MAX_RANK + " dimensions");
            }
            shape.add(Math.max(TensorSpec.DYNAMIC, size[0])); // some exporters write any negative size for "dynamic"
            keep("");
        }
    }

    private String text(String what) throws IOException {
        String text = in.text(what, MAX_NAME);
        keep(text);
        return text;
    }

    private void keep(String text) throws MalformedModelException {
        kept += 64 + 2L * text.length();
        if (kept > MAX_KEPT) {
            throw new MalformedModelException("its names and metadata take more than " + (MAX_KEPT >> 20) + " MiB");
        }
    }

    private static List<TensorSpec> specs(List<Value> values) {
        return values.stream()
                .flatMap(v -> v.type().stream().map(type -> new TensorSpec(v.name(), type, v.shape())))
                .toList();
    }

    private static List<String> unsupported(List<Value> values) {
        return values.stream()
                .filter(v -> v.type().isEmpty())
                .map(v -> v.name() + ": " + v.typeName())
                .toList();
    }
}
