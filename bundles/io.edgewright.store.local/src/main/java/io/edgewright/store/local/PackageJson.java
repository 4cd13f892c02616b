// SPDX-License-Identifier: Apache-2.0
package io.edgewright.store.local;

import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.edgewright.api.model.ModelException;
import io.edgewright.api.model.ModelException.Reason;
import io.edgewright.api.model.ModelForm;
import io.edgewright.api.model.ModelId;
import io.edgewright.api.model.ModelManifest;
import io.edgewright.api.tensor.ElementType;
import io.edgewright.api.tensor.TensorSpec;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A {@code model.json}: in a package, where every key is optional, or stored, where all are there. The README of this
 * bundle shows one.
 */
final class PackageJson {

    /** The name of the file in a package. */
    static final String FILE = "model.json";

    private static final long MAX_BYTES = 8L << 20;

    private final JsonObject json;
    private final String where;

    private PackageJson(JsonObject json, String where) {
        this.json = json;
        this.where = where;
    }

    static PackageJson empty() {
        return new PackageJson(new JsonObject(), FILE);
    }

    static PackageJson read(Path file) throws IOException, ModelException {
        if (Files.size(file) > MAX_BYTES) {
            throw new ModelException(
                    Reason.INVALID_MODEL,
                    "'%s' has %d bytes, expected at most %d".formatted(file.getFileName(), Files.size(file), MAX_BYTES),
                    null);
        }
        return parse(utf8(file), String.valueOf(file.getFileName()));
    }

    static String utf8(Path file) throws IOException, ModelException {
        try {
            return Files.readString(file, StandardCharsets.UTF_8);
        } catch (CharacterCodingException e) {
            throw new ModelException(Reason.INVALID_MODEL, "'" + file.getFileName() + "' is no text in UTF-8", e);
        }
    }

    static PackageJson parse(String text, String where) throws ModelException {
        try {
            JsonElement root = JsonParser.parseString(text);
            if (root instanceof JsonObject json) {
                return new PackageJson(json, where);
            }
        } catch (JsonParseException e) {
            throw new ModelException(Reason.INVALID_MODEL, "'" + where + "' is no JSON: " + e.getMessage(), e);
        }
        throw new ModelException(Reason.INVALID_MODEL, "'" + where + "' holds no JSON object", null);
    }

    Optional<String> text(String key) throws ModelException {
        JsonElement value = json.get(key);
        if (value == null || value.isJsonNull()) {
            return Optional.empty();
        }
        if (!value.isJsonPrimitive()) {
            throw wrong(key, value, "a text");
        }
        return Optional.of(value.getAsString());
    }

    Optional<Long> number(String key) throws ModelException {
        JsonElement value = json.get(key);
        return value == null || value.isJsonNull() ? Optional.empty() : Optional.of(whole(key, value));
    }

    /** {@return the further forms, each an object with the same keys as the first; empty if nothing is said of them} */
    Optional<List<PackageJson>> forms() throws ModelException {
        JsonElement value = json.get("forms");
        if (value == null) {
            return Optional.empty();
        }
        if (!(value instanceof JsonArray array)) {
            throw wrong("forms", value, "a list of objects with a file");
        }
        List<PackageJson> forms = new ArrayList<>();
        for (JsonElement element : array) {
            if (!(element instanceof JsonObject form)) {
                throw wrong("forms", element, "an object with a file");
            }
            forms.add(new PackageJson(form, where + "' in 'forms"));
        }
        return Optional.of(forms);
    }

    Optional<List<TensorSpec>> tensors(String key) throws ModelException {
        JsonElement value = json.get(key);
        if (value == null) {
            return Optional.empty();
        }
        if (!(value instanceof JsonArray array)) {
            throw wrong(key, value, "a list of tensors");
        }
        List<TensorSpec> tensors = new ArrayList<>();
        for (JsonElement element : array) {
            if (!(element instanceof JsonObject tensor)) {
                throw wrong(key, element, "an object with name, type and shape");
            }
            tensors.add(tensor(key, tensor));
        }
        return Optional.of(tensors);
    }

    /** Numbers, truth values and lists become text: labels a line each, anything else by commas. */
    Optional<Map<String, String>> texts(String key) throws ModelException {
        JsonElement value = json.get(key);
        if (value == null) {
            return Optional.empty();
        }
        if (!(value instanceof JsonObject object)) {
            throw wrong(key, value, "an object");
        }
        Map<String, String> texts = new TreeMap<>();
        for (var entry : object.entrySet()) {
            String at = key + "." + entry.getKey();
            if (entry.getValue() instanceof JsonArray array) {
                List<String> items = new ArrayList<>();
                for (JsonElement item : array) {
                    items.add(plain(at, item));
                }
                texts.put(entry.getKey(), String.join(entry.getKey().equals("labels") ? "\n" : ",", items));
            } else {
                texts.put(entry.getKey(), plain(at, entry.getValue()));
            }
        }
        return Optional.of(texts);
    }

    Map<String, Long> sizes() throws ModelException {
        Map<String, Long> sizes = new LinkedHashMap<>();
        if (json.get("sizes") instanceof JsonObject object) {
            for (var entry : object.entrySet()) {
                sizes.put(entry.getKey(), whole("sizes", entry.getValue()));
            }
        }
        return sizes;
    }

    /** {@return the manifest; every key must be there} */
    ModelManifest manifest() throws ModelException {
        try {
            return new ModelManifest(
                    ModelId.of(required("name"), required("version")),
                    required("format"),
                    required("file"),
                    required("digest"),
                    number("sizeBytes").orElseThrow(() -> missing("sizeBytes")),
                    tensors("inputs").orElseThrow(() -> missing("inputs")),
                    tensors("outputs").orElseThrow(() -> missing("outputs")),
                    texts("files").orElse(Map.of()),
                    texts("properties").orElse(Map.of()),
                    storedForms());
        } catch (IllegalArgumentException e) {
            throw new ModelException(Reason.INVALID_MODEL, "'" + where + "': " + e.getMessage(), e);
        }
    }

    private List<ModelForm> storedForms() throws ModelException {
        List<ModelForm> stored = new ArrayList<>();
        for (PackageJson form : forms().orElse(List.of())) {
            stored.add(new ModelForm(
                    form.required("format"),
                    form.required("file"),
                    form.required("digest"),
                    form.number("sizeBytes").orElseThrow(() -> form.missing("sizeBytes")),
                    form.tensors("inputs").orElseThrow(() -> form.missing("inputs")),
                    form.tensors("outputs").orElseThrow(() -> form.missing("outputs"))));
        }
        return stored;
    }

    /** {@return the stored form; {@code sizes} is there to notice a damaged file without reading it} */
    static byte[] write(ModelManifest manifest, Map<String, Long> sizes) {
        var json = new JsonObject();
        json.addProperty("name", manifest.id().name());
        json.addProperty("version", manifest.id().version().toString());
        var first = new ModelForm(
                manifest.format(),
                manifest.file(),
                manifest.digest(),
                manifest.sizeBytes(),
                manifest.inputs(),
                manifest.outputs());
        add(json, first);
        if (!manifest.alternatives().isEmpty()) {
            var forms = new JsonArray();
            for (ModelForm form : manifest.alternatives()) {
                var formJson = new JsonObject();
                add(formJson, form);
                forms.add(formJson);
            }
            json.add("forms", forms);
        }
        json.add("files", object(manifest.files()));
        json.add("properties", object(manifest.properties()));
        var sizesJson = new JsonObject();
        new TreeMap<>(sizes).forEach(sizesJson::addProperty);
        json.add("sizes", sizesJson);
        String text = new GsonBuilder()
                .setPrettyPrinting()
                .disableHtmlEscaping()
                .create()
                .toJson(json);
        return (text + "\n").getBytes(StandardCharsets.UTF_8);
    }

    private static void add(JsonObject json, ModelForm form) {
        json.addProperty("format", form.format());
        json.addProperty("file", form.file());
        json.addProperty("digest", form.digest());
        json.addProperty("sizeBytes", form.sizeBytes());
        json.add("inputs", tensors(form.inputs()));
        json.add("outputs", tensors(form.outputs()));
    }

    private static JsonObject object(Map<String, String> texts) {
        var object = new JsonObject();
        new TreeMap<>(texts).forEach(object::addProperty);
        return object;
    }

    private static JsonArray tensors(List<TensorSpec> specs) {
        var array = new JsonArray();
        for (TensorSpec spec : specs) {
            var tensor = new JsonObject();
            tensor.addProperty("name", spec.name());
            tensor.addProperty("type", spec.type().name());
            if (!spec.shape().equals(TensorSpec.ANY_SHAPE)) {
                var shape = new JsonArray();
                spec.shape().forEach(shape::add);
                tensor.add("shape", shape);
            }
            array.add(tensor);
        }
        return array;
    }

    private TensorSpec tensor(String key, JsonObject tensor) throws ModelException {
        try {
            String type = plain(key + ".type", tensor.get("type"));
            List<Long> shape = new ArrayList<>();
            if (tensor.get("shape") instanceof JsonArray dims) {
                for (JsonElement dim : dims) {
                    shape.add(whole(key + ".shape", dim));
                }
            } else {
                shape.addAll(TensorSpec.ANY_SHAPE);
            }
            return new TensorSpec(plain(key + ".name", tensor.get("name")), ElementType.valueOf(type), shape);
        } catch (IllegalArgumentException e) {
            throw new ModelException(
                    Reason.INVALID_MODEL,
                    "'%s': %s holds %s, expected a name, a type of %s and a shape: %s"
                            .formatted(where, key, tensor, List.of(ElementType.values()), e.getMessage()),
                    e);
        }
    }

    private String required(String key) throws ModelException {
        return text(key).orElseThrow(() -> missing(key));
    }

    private long whole(String key, @Nullable JsonElement value) throws ModelException {
        String text = plain(key, value);
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            throw new ModelException(
                    Reason.INVALID_MODEL, "'%s': %s is '%s', expected a whole number".formatted(where, key, text), e);
        }
    }

    private String plain(String key, @Nullable JsonElement value) throws ModelException {
        if (value == null || !value.isJsonPrimitive()) {
            throw wrong(key, value, "a text, a number or a truth value");
        }
        return value.getAsString();
    }

    ModelException missing(String key) {
        String keys = json.keySet().stream().sorted().collect(Collectors.joining(", "));
        return new ModelException(Reason.INVALID_MODEL, "'%s' has no '%s', only %s".formatted(where, key, keys), null);
    }

    private ModelException wrong(String key, @Nullable JsonElement found, String expected) {
        return new ModelException(
                Reason.INVALID_MODEL,
                "'%s': %s is %s, expected %s".formatted(where, key, found == null ? "absent" : found, expected),
                null);
    }
}
