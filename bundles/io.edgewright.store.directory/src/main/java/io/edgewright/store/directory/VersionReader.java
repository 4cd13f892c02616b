// SPDX-License-Identifier: Apache-2.0
package io.edgewright.store.directory;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.edgewright.api.model.ModelException;
import io.edgewright.api.model.ModelException.Reason;
import io.edgewright.api.model.ModelId;
import io.edgewright.api.model.ModelInspector;
import io.edgewright.api.model.ModelInspector.Inspection;
import io.edgewright.api.model.ModelManifest;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Makes a manifest of a version folder. */
final class VersionReader {

    private static final Set<String> NOT_PART = Set.of("model.json", "config.pbtxt");
    private static final long MAX_TEXT = 8L << 20;

    private final List<ModelInspector> inspectors;

    VersionReader(List<ModelInspector> inspectors) {
        this.inspectors = inspectors;
    }

    /**
     * {@return what the folder holds}
     *
     * @param folder of one version
     * @param files its files, relative paths
     */
    ModelManifest read(ModelId id, Path folder, Set<String> files) throws IOException, ModelException {
        for (ModelInspector inspector : inspectors) {
            for (String extension : inspector.extensions()) {
                String file = "model." + extension;
                if (files.contains(file)) {
                    return manifest(id, folder, files, file, inspector);
                }
            }
        }
        throw new ModelException(
                Reason.INVALID_MODEL,
                "no model file such as model.onnx, only "
                        + files.stream().sorted().limit(10).toList(),
                null);
    }

    private static ModelManifest manifest(
            ModelId id, Path folder, Set<String> files, String file, ModelInspector inspector)
            throws IOException, ModelException {
        Inspection inspection = inspector.inspect(folder.resolve(file));
        long size = Files.size(folder.resolve(file));
        for (String external : inspection.externalFiles()) {
            if (!files.contains(external)) {
                throw new ModelException(
                        Reason.INVALID_MODEL,
                        "the model keeps weights in '" + external + "', which is not beside it",
                        null);
            }
            size += Files.size(folder.resolve(external));
        }
        Map<String, String> digests = new HashMap<>();
        for (String path : files) {
            if (!NOT_PART.contains(path)) {
                digests.put(path, Trees.digest(folder.resolve(path), OutputStream.nullOutputStream()));
            }
        }
        String digest = String.valueOf(digests.remove(file));
        Map<String, String> properties = new TreeMap<>(inspection.properties());
        if (files.contains("labels.txt")) {
            properties.put("labels", text(folder.resolve("labels.txt")).strip());
        }
        if (files.contains("model.json")) {
            properties.putAll(properties(text(folder.resolve("model.json"))));
        }
        try {
            return new ModelManifest(
                    id,
                    inspector.format(),
                    file,
                    digest,
                    size,
                    inspection.inputs(),
                    inspection.outputs(),
                    digests,
                    properties);
        } catch (IllegalArgumentException e) {
            throw new ModelException(Reason.INVALID_MODEL, String.valueOf(e.getMessage()), e);
        }
    }

    /** Of a model.json only the properties are read: folders say the name and version, files say the rest. */
    private static Map<String, String> properties(String json) throws ModelException {
        try {
            Map<String, String> properties = new TreeMap<>();
            if (JsonParser.parseString(json) instanceof JsonObject root) {
                JsonElement found = root.get("properties");
                if (found instanceof JsonObject object) {
                    for (var entry : object.entrySet()) {
                        properties.put(entry.getKey(), value(entry.getKey(), entry.getValue()));
                    }
                }
                return properties;
            }
        } catch (JsonParseException e) {
            throw new ModelException(Reason.INVALID_MODEL, "model.json is no JSON: " + e.getMessage(), e);
        }
        throw new ModelException(Reason.INVALID_MODEL, "model.json holds no JSON object", null);
    }

    private static String value(String key, JsonElement value) throws ModelException {
        if (!value.isJsonPrimitive()) {
            throw new ModelException(
                    Reason.INVALID_MODEL,
                    "model.json: properties." + key + " is " + value + ", expected a text, a number or a truth value",
                    null);
        }
        return value.getAsString();
    }

    private static String text(Path file) throws IOException, ModelException {
        if (Files.size(file) > MAX_TEXT) {
            throw new ModelException(
                    Reason.INVALID_MODEL, file.getFileName() + " has more than " + MAX_TEXT + " bytes", null);
        }
        try {
            return Files.readString(file);
        } catch (CharacterCodingException e) {
            throw new ModelException(Reason.INVALID_MODEL, file.getFileName() + " is no text in UTF-8", e);
        }
    }
}
