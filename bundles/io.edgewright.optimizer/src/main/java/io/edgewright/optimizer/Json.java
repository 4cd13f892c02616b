// SPDX-License-Identifier: Apache-2.0
package io.edgewright.optimizer;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonParseException;
import com.google.gson.TypeAdapter;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import com.google.gson.stream.JsonWriter;
import io.edgewright.api.model.ModelId;
import io.edgewright.api.optimize.PassStep;
import io.edgewright.api.optimize.Pipeline;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.function.Function;

/** Records of the API as JSON and back. Durations are in milliseconds, numbers that are none are {@code null}. */
final class Json {

    private static final Gson GSON = new GsonBuilder()
            .setPrettyPrinting()
            .disableHtmlEscaping()
            .serializeNulls() // what is left out is read as 0
            .registerTypeAdapter(double.class, new Numbers())
            .registerTypeAdapter(Double.class, new Numbers())
            .registerTypeAdapter(Duration.class, new Millis())
            .registerTypeAdapter(Instant.class, new Text<>(Instant::parse))
            .registerTypeAdapter(Pipeline.class, new Text<>(Pipeline::parse))
            .registerTypeAdapter(PassStep.class, new Text<>(PassStep::parse))
            .registerTypeAdapter(ModelId.class, new Text<>(Json::modelId))
            .create();

    private Json() {}

    static String write(Object value) {
        return GSON.toJson(value) + "\n";
    }

    static byte[] bytes(Object value) {
        return write(value).getBytes(StandardCharsets.UTF_8);
    }

    /**
     * {@return what a file says}
     *
     * @throws IOException if it cannot be read or says something else
     */
    static <T> T read(Path file, Class<T> type) throws IOException {
        try {
            T value = GSON.fromJson(Files.readString(file), type);
            if (value == null) {
                throw new IOException("'" + file + "' is empty, expected " + type.getSimpleName());
            }
            return value;
        } catch (JsonParseException
                | IllegalArgumentException
                | DateTimeParseException
                | NullPointerException // a record's constructor refuses what is missing
                | ArithmeticException e) {
            throw new IOException("'" + file + "' is no " + type.getSimpleName() + ": " + e, e);
        } catch (RuntimeException e) { // Gson wraps what constructors throw
            throw new IOException("'" + file + "' is no whole " + type.getSimpleName() + ": " + e, e);
        }
    }

    private static ModelId modelId(String text) {
        int colon = text.indexOf(':');
        return ModelId.of(text.substring(0, Math.max(0, colon)), text.substring(colon + 1));
    }

    /** Values that are written as text. */
    private static final class Text<T> extends TypeAdapter<T> {

        private final Function<String, T> parser;

        Text(Function<String, T> parser) {
            this.parser = parser;
        }

        @Override
        public void write(JsonWriter out, T value) throws IOException {
            out.value(value.toString());
        }

        @Override
        public T read(JsonReader in) throws IOException {
            return parser.apply(in.nextString());
        }
    }

    /** JSON has no NaN; an infinite number is written as text. */
    private static final class Numbers extends TypeAdapter<Double> {

        @Override
        public void write(JsonWriter out, Double value) throws IOException {
            if (value.isNaN()) {
                out.nullValue();
            } else if (value.isInfinite()) {
                out.value(value.toString());
            } else {
                out.value(value);
            }
        }

        @Override
        public Double read(JsonReader in) throws IOException {
            if (in.peek() == JsonToken.NULL) {
                in.nextNull();
                return Double.NaN;
            }
            return Double.parseDouble(in.nextString());
        }
    }

    private static final class Millis extends TypeAdapter<Duration> {

        @Override
        public void write(JsonWriter out, Duration value) throws IOException {
            out.value(value.toNanos() / 1e6);
        }

        @Override
        public Duration read(JsonReader in) throws IOException {
            return Duration.ofNanos(Math.round(in.nextDouble() * 1e6));
        }
    }
}
