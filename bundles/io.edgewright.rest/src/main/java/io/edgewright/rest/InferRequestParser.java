// SPDX-License-Identifier: Apache-2.0
package io.edgewright.rest;

import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import com.google.gson.stream.MalformedJsonException;
import io.edgewright.api.inference.RequestOptions;
import io.edgewright.api.inference.Signature;
import io.edgewright.api.tensor.ElementType;
import io.edgewright.api.tensor.TensorSpec;
import io.edgewright.rest.InferRequest.Asked;
import io.edgewright.rest.InferRequest.Given;
import io.edgewright.rest.InferRequest.Wanted;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads the JSON of one inference request, token by token: a data array never becomes a tree. One use, one thread. */
final class InferRequestParser {

    private static final int NESTING = 40;

    private final Signature signature;
    private final BufferPool.Share memory;
    private final JsonReader reader;
    private final List<Given> inputs = new ArrayList<>();
    private final List<Asked> outputs = new ArrayList<>();
    private String id = "";
    private long timeoutMicros;
    private long priority;
    private boolean binaryOutput;

    /** @param memory what the data arrays take */
    InferRequestParser(Signature signature, InputStream json, BufferPool.Share memory) {
        this.signature = signature;
        this.memory = memory;
        var decoder = StandardCharsets.UTF_8
                .newDecoder()
                .onMalformedInput(CodingErrorAction.REPORT)
                .onUnmappableCharacter(CodingErrorAction.REPORT);
        this.reader = new JsonReader(new InputStreamReader(json, decoder));
        this.reader.setStrictness(Strictness.STRICT);
        this.reader.setNestingLimit(NESTING);
    }

    /**
     * {@return the request, each input checked against the model's}
     *
     * @throws HttpProblem 400 saying what was expected and found
     */
    InferRequest parse() throws IOException, HttpProblem {
        try {
            object();
            if (reader.peek() != JsonToken.END_DOCUMENT) {
                throw HttpProblem.bad("more follows the JSON object of the request");
            }
        } catch (MalformedJsonException | EOFException | CharacterCodingException e) {
            throw HttpProblem.bad("the request is not JSON: " + Json.fault(e));
        } catch (IllegalStateException | NumberFormatException e) {
            throw HttpProblem.bad("the request has another form than the protocol's: " + Json.fault(e));
        }
        return request();
    }

    private void object() throws IOException, HttpProblem {
        reader.beginObject();
        while (reader.hasNext()) {
            switch (reader.nextName()) {
                case "id" -> id = reader.nextString();
                case "parameters" -> requestParameters();
                case "inputs" -> inputs();
                case "outputs" -> outputs();
                default -> reader.skipValue();
            }
        }
        reader.endObject();
    }

    private void requestParameters() throws IOException, HttpProblem {
        reader.beginObject();
        while (reader.hasNext()) {
            String name = reader.nextName();
            switch (name) {
                case "timeout" -> timeoutMicros = reader.nextLong();
                case "priority" -> priority = reader.nextLong();
                case "binary_data_output" -> binaryOutput = reader.nextBoolean();
                case "sequence_id", "sequence_start", "sequence_end" -> sequence(name);
                default -> reader.skipValue();
            }
        }
        reader.endObject();
    }

    private void sequence(String name) throws IOException, HttpProblem {
        boolean set = reader.peek() == JsonToken.BOOLEAN
                ? reader.nextBoolean()
                : !List.of("0", "").contains(reader.nextString());
        if (set) {
            throw HttpProblem.bad("parameter '" + name + "' is set, but sequences are not supported");
        }
    }

    private void inputs() throws IOException, HttpProblem {
        reader.beginArray();
        while (reader.hasNext()) {
            Given given = new InferInputParser(reader, signature, memory).parse();
            String name = given.tensor().name();
            if (inputs.stream().anyMatch(i -> i.tensor().name().equals(name))) {
                throw HttpProblem.bad("input '" + name + "' is given twice");
            }
            inputs.add(given);
        }
        reader.endArray();
    }

    private void outputs() throws IOException, HttpProblem {
        reader.beginArray();
        while (reader.hasNext()) {
            outputs.add(output());
        }
        reader.endArray();
    }

    private Asked output() throws IOException, HttpProblem {
        String name = "";
        Optional<Boolean> binary = Optional.empty();
        long classes = 0;
        reader.beginObject();
        while (reader.hasNext()) {
            switch (reader.nextName()) {
                case "name" -> name = reader.nextString();
                case "parameters" -> {
                    reader.beginObject();
                    while (reader.hasNext()) {
                        String parameter = reader.nextName();
                        switch (parameter) {
                            case "binary_data" -> binary = Optional.of(reader.nextBoolean());
                            case "classification" -> classes = reader.nextLong();
                            default -> unknownParameter(parameter);
                        }
                    }
                    reader.endObject();
                }
                default -> reader.skipValue();
            }
        }
        reader.endObject();
        if (classes < 0 || classes > 100_000) {
            throw HttpProblem.bad("output '" + name + "': classification is " + classes + ", expected 0 to 100000");
        }
        return new Asked(name, binary, (int) classes);
    }

    private void unknownParameter(String parameter) throws IOException, HttpProblem {
        InferInputParser.refuseSharedMemory(parameter);
        reader.skipValue();
    }

    private InferRequest request() throws HttpProblem {
        for (TensorSpec spec : signature.inputs()) {
            if (inputs.stream().noneMatch(i -> i.tensor().name().equals(spec.name()))) {
                throw HttpProblem.bad("input '%s' %s %s is missing"
                        .formatted(spec.name(), spec.type().protocolName(), spec.shape()));
            }
        }
        return new InferRequest(id, options(), inputs, wanted());
    }

    private List<Wanted> wanted() throws HttpProblem {
        if (outputs.isEmpty()) {
            return signature.outputs().stream()
                    .map(o -> new Wanted(o.name(), binaryOutput, 0))
                    .toList();
        }
        List<Wanted> wanted = new ArrayList<>();
        for (Asked asked : outputs) {
            TensorSpec spec = signature.outputs().stream()
                    .filter(o -> o.name().equals(asked.name()))
                    .findFirst()
                    .orElseThrow(() -> HttpProblem.bad(
                            "the model has no output '" + asked.name() + "', it has " + names(signature.outputs())));
            if (asked.classes() > 0 && (spec.type() == ElementType.STRING || spec.type() == ElementType.BOOL)) {
                throw HttpProblem.bad("output '" + asked.name() + "' is "
                        + spec.type().protocolName() + ", which cannot be classified");
            }
            if (wanted.stream().anyMatch(w -> w.name().equals(asked.name()))) {
                throw HttpProblem.bad("output '" + asked.name() + "' is asked for twice");
            }
            wanted.add(new Wanted(asked.name(), asked.binary().orElse(binaryOutput), asked.classes()));
        }
        return wanted;
    }

    private RequestOptions options() throws HttpProblem {
        if (timeoutMicros < 0 || priority < 0) {
            throw HttpProblem.bad(
                    "timeout is %d and priority is %d, expected 0 or more".formatted(timeoutMicros, priority));
        }
        if (timeoutMicros == 0 && priority == 0) {
            return RequestOptions.DEFAULT;
        }
        Duration timeout = timeoutMicros == 0
                ? RequestOptions.NO_TIMEOUT
                : Duration.of(Math.min(timeoutMicros, Long.MAX_VALUE / 1000), java.time.temporal.ChronoUnit.MICROS);
        // there 1 is the most urgent and 0 the default; here the higher number goes first and 0 is the default
        int ours = priority == 0 ? 0 : (int) Math.max(-100, 101 - Math.min(priority, 1000));
        return new RequestOptions(timeout, ours);
    }

    static String names(List<TensorSpec> specs) {
        return String.join(", ", specs.stream().map(TensorSpec::name).toList());
    }
}
