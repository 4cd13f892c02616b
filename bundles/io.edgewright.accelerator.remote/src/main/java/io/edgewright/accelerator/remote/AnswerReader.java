// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.remote;

import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import com.google.gson.stream.MalformedJsonException;
import io.edgewright.accelerator.remote.Trouble.Kind;
import io.edgewright.api.tensor.ElementType;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads the answers of one slot's runs into its outputs: JSON, binary, or both (Open Inference Protocol, version 2).
 * Believes nothing: names, types, shapes and lengths must be those that the model has, or no output is changed but those
 * read before. One thread at a time.
 */
final class AnswerReader {

    /** Where the value of one output lies. */
    private static final class Found {
        private String name = "";
        private @Nullable ElementType type;
        private @Nullable List<Long> shape;
        private long binaryBytes = -1;
        private boolean hasData;
        private int dataStart;
        private int dataEnd;
    }

    private static final int MAX_RANK = 32;
    private static final int MAX_OUTPUTS = 1024;

    private final List<OutputBuffer> outputs;
    private final ByteOut values;
    private byte[] knownJson = {};
    private long knownBody = -1;
    private List<Found> known = List.of();

    AnswerReader(List<OutputBuffer> outputs, int limitBytes) {
        this.outputs = outputs;
        this.values = new ByteOut(limitBytes);
    }

    /**
     * Takes an answer over into the outputs.
     *
     * @param answer of status 200
     * @throws Trouble if it is not an answer to this model
     */
    void read(Answer answer) throws Trouble {
        if (!answer.encoding().isEmpty() && !answer.encoding().equals("identity")) {
            throw new Trouble(
                    Kind.PROTOCOL, "the answer is compressed (" + answer.encoding() + "), which was not asked for");
        }
        int json = answer.jsonLength() < 0 ? answer.size() : answer.jsonLength();
        if (json > answer.size()) {
            throw new Trouble(
                    Kind.PROTOCOL,
                    "Inference-Header-Content-Length is %d, but the answer has %d bytes"
                            .formatted(json, answer.size()));
        }
        boolean same = knownBody == answer.size()
                && knownJson.length == json
                && Arrays.equals(knownJson, 0, json, answer.body(), 0, json);
        if (!same) {
            known = parse(answer.body(), json);
        }
        take(answer, json);
        boolean binary = known.stream().noneMatch(f -> f.hasData);
        knownJson = !binary ? new byte[0] : same ? knownJson : Arrays.copyOf(answer.body(), json);
        knownBody = binary ? answer.size() : -1;
    }

    private void take(Answer answer, int json) throws Trouble {
        int offset = json;
        for (Found found : known) {
            if (found.binaryBytes > answer.size() - offset) {
                throw new Trouble(
                        Kind.PROTOCOL,
                        "output '%s' has a binary_data_size of %d, but only %d bytes are left in the answer"
                                .formatted(found.name, found.binaryBytes, answer.size() - offset));
            }
            int length = (int) Math.max(0, found.binaryBytes);
            OutputBuffer output = output(found.name);
            List<Long> shape = found.shape;
            if (output != null && shape != null) {
                if (found.hasData) {
                    output.set(shape, values.array(), found.dataStart, found.dataEnd - found.dataStart);
                } else {
                    output.set(shape, answer.body(), offset, length);
                }
            }
            offset += length;
        }
        if (offset != answer.size()) {
            throw new Trouble(
                    Kind.PROTOCOL, "%d bytes follow the last output, expected none".formatted(answer.size() - offset));
        }
    }

    private List<Found> parse(byte[] body, int json) throws Trouble {
        values.clear();
        var bytes = new ByteArrayInputStream(body, 0, json);
        List<Found> found = new ArrayList<>();
        try (var reader = new JsonReader(new InputStreamReader(bytes, StandardCharsets.UTF_8))) {
            reader.beginObject();
            while (reader.hasNext()) {
                if (reader.nextName().equals("outputs")) {
                    outputs(reader, found);
                } else {
                    reader.skipValue();
                }
            }
            reader.endObject();
            if (reader.peek() != JsonToken.END_DOCUMENT) {
                throw new Trouble(Kind.PROTOCOL, "more follows the JSON of the answer");
            }
        } catch (Trouble e) {
            throw e;
        } catch (MalformedJsonException | EOFException | IllegalStateException | NumberFormatException e) {
            throw new Trouble(Kind.PROTOCOL, "the answer is no JSON as expected: " + firstLine(e.getMessage()), e);
        } catch (IOException e) {
            throw new IllegalStateException("reading memory does not fail", e);
        }
        check(found);
        return found;
    }

    private void outputs(JsonReader reader, List<Found> found) throws IOException {
        if (!found.isEmpty()) {
            throw new Trouble(Kind.PROTOCOL, "the answer has outputs twice");
        }
        reader.beginArray();
        while (reader.hasNext()) {
            if (found.size() == MAX_OUTPUTS) {
                throw new Trouble(Kind.PROTOCOL, "the answer has more than " + MAX_OUTPUTS + " outputs");
            }
            found.add(one(reader));
        }
        reader.endArray();
    }

    private Found one(JsonReader reader) throws IOException {
        var found = new Found();
        reader.beginObject();
        while (reader.hasNext()) {
            switch (reader.nextName()) {
                case "name" -> found.name = reader.nextString();
                case "datatype" -> found.type = type(reader.nextString());
                case "shape" -> found.shape = shape(reader);
                case "parameters" -> parameters(reader, found);
                case "data" -> data(reader, found);
                default -> reader.skipValue();
            }
        }
        reader.endObject();
        return found;
    }

    private static ElementType type(String name) throws Trouble {
        try {
            return ElementType.ofProtocolName(name);
        } catch (IllegalArgumentException e) {
            throw new Trouble(Kind.PROTOCOL, String.valueOf(e.getMessage()), e);
        }
    }

    private static List<Long> shape(JsonReader reader) throws IOException {
        List<Long> shape = new ArrayList<>();
        reader.beginArray();
        while (reader.hasNext()) {
            long dim = reader.nextLong();
            if (dim < 0 || shape.size() == MAX_RANK) {
                throw new Trouble(
                        Kind.PROTOCOL,
                        "an output's dimension %d is %d, expected at most %d dimensions of 0 or more"
                                .formatted(shape.size(), dim, MAX_RANK));
            }
            shape.add(dim);
        }
        reader.endArray();
        return shape;
    }

    private static void parameters(JsonReader reader, Found found) throws IOException {
        if (reader.peek() == JsonToken.NULL) {
            reader.nextNull();
            return;
        }
        reader.beginObject();
        while (reader.hasNext()) {
            if (reader.nextName().equals("binary_data_size")) {
                found.binaryBytes = reader.nextLong();
                if (found.binaryBytes < 0) {
                    throw new Trouble(Kind.PROTOCOL, "a binary_data_size is " + found.binaryBytes);
                }
            } else {
                reader.skipValue();
            }
        }
        reader.endObject();
    }

    /** Reads an array of any nesting, row-major, as elements of the type that this output must have. */
    private void data(JsonReader reader, Found found) throws IOException {
        OutputBuffer output = output(found.name);
        if (output == null || found.hasData) {
            if (found.name.isEmpty() || found.hasData) {
                throw new Trouble(Kind.PROTOCOL, "an output has data before its name, or twice");
            }
            reader.skipValue();
            return;
        }
        found.hasData = true;
        found.dataStart = values.size();
        int depth = 0;
        do {
            switch (reader.peek()) {
                case BEGIN_ARRAY -> {
                    reader.beginArray();
                    depth++;
                }
                case END_ARRAY -> {
                    reader.endArray();
                    depth--;
                }
                default -> {
                    JsonElements.read(output.spec().type(), reader, values);
                }
            }
        } while (depth > 0);
        found.dataEnd = values.size();
    }

    private void check(List<Found> all) throws Trouble {
        for (OutputBuffer output : outputs) {
            List<Found> own = all.stream()
                    .filter(f -> f.name.equals(output.spec().name()))
                    .toList();
            if (own.size() != 1) {
                throw output.lie("is in the answer %d times, expected once; it has %s"
                        .formatted(
                                own.size(),
                                all.stream().map(f -> f.name).limit(20).toList()));
            }
            check(output, own.get(0));
        }
    }

    private static void check(OutputBuffer output, Found found) throws Trouble {
        List<Long> shape = found.shape;
        if (found.type != output.spec().type() || shape == null) {
            throw output.lie("is %s %s, expected %s %s"
                    .formatted(
                            found.type,
                            shape,
                            output.spec().type(),
                            output.spec().shape()));
        }
        if (found.hasData == found.binaryBytes >= 0) {
            throw output.lie(found.hasData ? "has both data and binary_data_size" : "has no data");
        }
        output.check(shape, found.hasData ? found.dataEnd - found.dataStart : found.binaryBytes);
    }

    private @Nullable OutputBuffer output(String name) {
        for (int i = 0; i < outputs.size(); i++) {
            if (outputs.get(i).spec().name().equals(name)) {
                return outputs.get(i);
            }
        }
        return null;
    }

    private static String firstLine(@Nullable String text) {
        return text == null ? "" : text.lines().findFirst().orElse("");
    }
}
