// SPDX-License-Identifier: Apache-2.0
package io.edgewright.rest;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import io.edgewright.api.tensor.TensorSpec;
import java.lang.reflect.Array;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** Small helpers around Gson's tree. */
final class Json {

    private static final Gson GSON =
            new GsonBuilder().disableHtmlEscaping().serializeNulls().create();

    private Json() {}

    static byte[] bytes(JsonElement element) {
        return text(element).getBytes(StandardCharsets.UTF_8);
    }

    static String text(JsonElement element) {
        return GSON.toJson(element);
    }

    /** {@return an object with one member} */
    static JsonObject object(String name, JsonElement value) {
        var object = new JsonObject();
        object.add(name, value);
        return object;
    }

    static JsonObject error(String message, String reason) {
        var object = new JsonObject();
        object.addProperty("error", message);
        object.addProperty("reason", reason);
        return object;
    }

    static <T> JsonArray array(Collection<T> items, Function<T, JsonElement> toJson) {
        var array = new JsonArray(items.size());
        items.forEach(item -> array.add(toJson.apply(item)));
        return array;
    }

    static JsonArray strings(Collection<String> items) {
        return array(items, JsonPrimitive::new);
    }

    /** {@return String, Boolean, Number, array, Collection or Map as JSON; anything else as its text} */
    static JsonElement of(Object value) {
        if (value instanceof Boolean flag) {
            return new JsonPrimitive(flag);
        }
        if (value instanceof Number number) {
            boolean finite = Double.isFinite(number.doubleValue());
            return finite ? new JsonPrimitive(number) : new JsonPrimitive(number.toString());
        }
        if (value instanceof Collection<?> items) {
            var array = new JsonArray();
            items.forEach(item -> array.add(of(item)));
            return array;
        }
        if (value instanceof Map<?, ?> map) {
            var object = new JsonObject();
            map.forEach((key, item) -> object.add(String.valueOf(key), of(item)));
            return object;
        }
        if (value.getClass().isArray()) {
            var array = new JsonArray();
            for (int i = 0; i < Array.getLength(value); i++) {
                array.add(of(Array.get(value, i)));
            }
            return array;
        }
        return new JsonPrimitive(value.toString());
    }

    /** {@return inputs or outputs as {@code [{name, datatype, shape}]}, as the Open Inference Protocol has them} */
    static JsonArray specs(List<TensorSpec> specs) {
        return array(specs, spec -> {
            var object = new JsonObject();
            object.addProperty("name", spec.name());
            object.addProperty("datatype", spec.type().protocolName());
            List<Long> shape = spec.shape().equals(TensorSpec.ANY_SHAPE) ? List.of(-1L) : spec.shape();
            object.add("shape", of(shape));
            return object;
        });
    }

    /** {@return a string member, or empty if it is absent or null} */
    static Optional<String> string(JsonObject object, String name) throws HttpProblem {
        JsonElement value = object.get(name);
        if (value == null || value instanceof JsonNull) {
            return Optional.empty();
        }
        if (value instanceof JsonPrimitive primitive && primitive.isString()) {
            return Optional.of(primitive.getAsString());
        }
        throw HttpProblem.bad("'" + name + "' is " + value + ", expected a string");
    }

    static String required(JsonObject object, String name) throws HttpProblem {
        Optional<String> value = string(object, name);
        if (value.isEmpty() || value.get().isBlank()) {
            throw HttpProblem.bad("'" + name + "' is missing, expected a string");
        }
        return value.get();
    }

    /** {@return what is wrong with a text that is not JSON, for the one who sent it: Gson's message is for those who use Gson} */
    static String fault(Throwable e) {
        if (e instanceof CharacterCodingException) {
            return "it is not UTF-8";
        }
        String first = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
        int advice = first.indexOf("Use JsonReader.setStrictness");
        int place = first.lastIndexOf(" at line ");
        return advice >= 0 && place > advice
                ? first.substring(0, advice) + "malformed" + first.substring(place)
                : first;
    }

    /** Refuses members that nobody would read. */
    static void checkMembers(JsonObject object, List<String> known) throws HttpProblem {
        for (String name : object.keySet()) {
            if (!known.contains(name)) {
                throw HttpProblem.bad("'" + name + "' is unknown, expected one of " + String.join(", ", known));
            }
        }
    }
}
