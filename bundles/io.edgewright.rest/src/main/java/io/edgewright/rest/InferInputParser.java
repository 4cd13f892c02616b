// SPDX-License-Identifier: Apache-2.0
package io.edgewright.rest;

import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import io.edgewright.api.inference.Signature;
import io.edgewright.api.tensor.ElementType;
import io.edgewright.api.tensor.Tensor;
import io.edgewright.api.tensor.TensorSpec;
import io.edgewright.rest.InferRequest.Given;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads one element of {@code inputs}, whatever the order of its members. One use, one thread. */
final class InferInputParser {

    private static final int MOST_DIMENSIONS = 32;

    private final JsonReader reader;
    private final Signature signature;
    private final BufferPool.Share memory;
    private String name = "";
    private @Nullable ElementType type;
    private @Nullable List<Long> shape;
    private @Nullable TypedData data;
    private @Nullable DeferredData deferred;
    private long binaryBytes = -1;

    InferInputParser(JsonReader reader, Signature signature, BufferPool.Share memory) {
        this.reader = reader;
        this.signature = signature;
        this.memory = memory;
    }

    Given parse() throws IOException, HttpProblem {
        reader.beginObject();
        while (reader.hasNext()) {
            switch (reader.nextName()) {
                case "name" -> name = reader.nextString();
                case "datatype" -> datatype();
                case "shape" -> shape = shape();
                case "data" -> data();
                case "parameters" -> parameters();
                default -> reader.skipValue();
            }
        }
        reader.endObject();
        return given();
    }

    static void refuseSharedMemory(String parameter) throws HttpProblem {
        if (parameter.startsWith("shared_memory")) {
            throw HttpProblem.bad("parameter '" + parameter + "' is set, but shared memory is not supported");
        }
    }

    /** A second one would give elements that were read as one type the size of another. */
    private void datatype() throws IOException, HttpProblem {
        if (type != null) {
            throw HttpProblem.bad("input '" + name + "' has a datatype twice");
        }
        type = type(reader.nextString());
    }

    private void parameters() throws IOException, HttpProblem {
        reader.beginObject();
        while (reader.hasNext()) {
            String parameter = reader.nextName();
            if (parameter.equals("binary_data_size")) {
                binaryBytes = reader.nextLong();
                if (binaryBytes < 0 || binaryBytes > Integer.MAX_VALUE) {
                    throw HttpProblem.bad("input '%s': binary_data_size is %d, expected 0 to %d"
                            .formatted(name, binaryBytes, Integer.MAX_VALUE));
                }
            } else {
                refuseSharedMemory(parameter);
                reader.skipValue();
            }
        }
        reader.endObject();
    }

    private List<Long> shape() throws IOException, HttpProblem {
        List<Long> dims = new ArrayList<>();
        reader.beginArray();
        while (reader.hasNext()) {
            long dim = reader.nextLong();
            if (dim < 0 || dims.size() == MOST_DIMENSIONS) {
                throw HttpProblem.bad("input '%s': dimension %d is %d, expected at most %d dimensions of 0 or more"
                        .formatted(name, dims.size(), dim, MOST_DIMENSIONS));
            }
            dims.add(dim);
        }
        reader.endArray();
        return dims;
    }

    private void data() throws IOException, HttpProblem {
        if (data != null || deferred != null) {
            throw HttpProblem.bad("input '" + name + "' has data twice");
        }
        DataSink sink;
        ElementType known = type;
        if (known == null) {
            deferred = new DeferredData();
            sink = deferred;
        } else {
            data = new TypedData(name, known);
            sink = data;
        }
        elements(sink);
    }

    /** Reads an array of any nesting, row-major, flat into the sink. */
    private void elements(DataSink sink) throws IOException, HttpProblem {
        int depth = 0;
        do {
            JsonToken token = reader.peek();
            switch (token) {
                case BEGIN_ARRAY -> {
                    reader.beginArray();
                    depth++;
                }
                case END_ARRAY -> {
                    reader.endArray();
                    depth--;
                }
                case NUMBER -> sink.number(reader.nextString());
                case STRING -> sink.string(reader.nextString());
                case BOOLEAN -> sink.bool(reader.nextBoolean());
                default ->
                    throw HttpProblem.bad(
                            "input '" + name + "': data has a " + token + ", expected numbers, strings or booleans");
            }
            memory.take(sink.grown());
        } while (depth > 0);
    }

    private Given given() throws HttpProblem {
        TensorSpec spec = signature.inputs().stream()
                .filter(i -> i.name().equals(name))
                .findFirst()
                .orElseThrow(() -> HttpProblem.bad("the model has no input '" + name + "', it has "
                        + InferRequestParser.names(signature.inputs())));
        ElementType given = type;
        List<Long> dims = shape;
        if (given == null || dims == null) {
            throw HttpProblem.bad("input '" + name + "' has no " + (given == null ? "datatype" : "shape"));
        }
        if (given != spec.type() || !spec.accepts(dims)) {
            throw HttpProblem.bad("input '%s' is %s %s, expected %s %s"
                    .formatted(name, given.protocolName(), dims, spec.type().protocolName(), spec.shape()));
        }
        long elements = elements(dims);
        if (binaryBytes >= 0) {
            return binary(given, dims, elements);
        }
        TypedData values = values(given)
                .orElseThrow(() -> HttpProblem.bad("input '" + name + "' has neither data nor binary_data_size"));
        if (values.count() != elements) {
            throw HttpProblem.bad("input '%s' of shape %s takes %d elements, found %d"
                    .formatted(name, dims, elements, values.count()));
        }
        ByteSink bytes = values.bytes();
        return new Given(new TensorData(name, given, dims, bytes.array(), 0, bytes.size()), -1);
    }

    private Given binary(ElementType given, List<Long> dims, long elements) throws HttpProblem {
        if (data != null || deferred != null) {
            throw HttpProblem.bad("input '" + name + "' has both data and binary_data_size");
        }
        if (given != ElementType.STRING && binaryBytes != elements * given.bytes()) {
            throw HttpProblem.bad("input '%s': %s %s takes %d bytes, binary_data_size is %d"
                    .formatted(name, given.protocolName(), dims, elements * given.bytes(), binaryBytes));
        }
        return new Given(new TensorData(name, given, dims, new byte[0], 0, 0), binaryBytes);
    }

    private Optional<TypedData> values(ElementType given) throws HttpProblem {
        DeferredData late = deferred;
        if (late == null) {
            return Optional.ofNullable(data);
        }
        var typed = new TypedData(name, given);
        late.replay(typed, memory);
        return Optional.of(typed);
    }

    private long elements(List<Long> dims) throws HttpProblem {
        try {
            return Tensor.elements(dims);
        } catch (IllegalArgumentException e) {
            throw HttpProblem.bad("input '" + name + "': " + e.getMessage());
        }
    }

    private static ElementType type(String word) throws HttpProblem {
        try {
            return ElementType.ofProtocolName(word);
        } catch (IllegalArgumentException e) {
            throw HttpProblem.bad(e.getMessage() == null ? "datatype is unknown" : e.getMessage());
        }
    }
}
