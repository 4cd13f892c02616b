// SPDX-License-Identifier: Apache-2.0
package io.edgewright.store.directory;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.edgewright.api.model.KnownFormat;
import io.edgewright.api.model.ModelException;
import io.edgewright.api.model.ModelException.Reason;
import io.edgewright.api.model.ModelForm;
import io.edgewright.api.model.ModelId;
import io.edgewright.api.model.ModelInspector;
import io.edgewright.api.model.ModelInspector.Inspection;
import io.edgewright.api.model.ModelManifest;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes a manifest of a version folder. */
final class VersionReader {

    private static final Logger LOG = LoggerFactory.getLogger(VersionReader.class);
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
        List<String> models = models(files);
        if (models.isEmpty()) {
            throw new ModelException(
                    Reason.INVALID_MODEL,
                    "no model file such as model.onnx, only "
                            + files.stream().sorted().limit(10).toList(),
                    null);
        }
        Map<String, String> digests = new HashMap<>();
        for (String path : files) {
            if (!NOT_PART.contains(path)) {
                digests.put(path, Trees.digest(folder.resolve(path), OutputStream.nullOutputStream()));
            }
        }
        Inspection inspection = inspect(folder, models.get(0), null);
        ModelForm first = form(folder, digests, models.get(0), inspection);
        List<ModelForm> others = new ArrayList<>();
        for (String file : models.subList(1, models.size())) {
            others.add(form(folder, digests, file, inspect(folder, file, first)));
        }
        digests.remove(first.file());
        try {
            return new ModelManifest(
                    id,
                    first.format(),
                    first.file(),
                    first.digest(),
                    first.sizeBytes(),
                    first.inputs(),
                    first.outputs(),
                    digests,
                    properties(folder, files, inspection),
                    others);
        } catch (IllegalArgumentException e) {
            throw new ModelException(Reason.INVALID_MODEL, String.valueOf(e.getMessage()), e);
        }
    }

    /** {@return the model files, those first that something here can look into: the others are held against them} */
    private List<String> models(Set<String> files) {
        return files.stream()
                .filter(file -> file.startsWith("model.") && format(file).isPresent())
                .sorted(Comparator.comparingInt(this::order).thenComparing(Comparator.naturalOrder()))
                .toList();
    }

    private int order(String file) {
        int known = KnownFormat.ofFile(file).map(KnownFormat::ordinal).orElse(KnownFormat.values().length);
        return inspectorFor(file).isPresent() ? known : 100 + known;
    }

    private Optional<String> format(String file) {
        return inspectorFor(file).map(ModelInspector::format).or(() -> KnownFormat.ofFile(file)
                .map(KnownFormat::format));
    }

    private Optional<ModelInspector> inspectorFor(String file) {
        String extension = file.substring(file.lastIndexOf('.') + 1);
        return inspectors.stream()
                .filter(i -> i.extensions().contains(extension))
                .findFirst();
    }

    private ModelForm form(Path folder, Map<String, String> digests, String file, Inspection inspection)
            throws IOException, ModelException {
        long size = Files.size(folder.resolve(file));
        for (String external : inspection.externalFiles()) {
            if (!digests.containsKey(external)) {
                throw new ModelException(
                        Reason.INVALID_MODEL,
                        "'%s' keeps weights in '%s', which is not beside it".formatted(file, external),
                        null);
            }
            size += Files.size(folder.resolve(external));
        }
        return new ModelForm(
                format(file).orElseThrow(),
                file,
                String.valueOf(digests.get(file)),
                size,
                inspection.inputs(),
                inspection.outputs());
    }

    /** {@return what the file says; where it says no inputs and outputs, or nothing here reads it, those of the first} */
    private Inspection inspect(Path folder, String file, @Nullable ModelForm first) throws ModelException {
        Optional<ModelInspector> inspector = inspectorFor(file);
        Inspection found = inspector.isPresent()
                ? inspector.get().inspect(folder.resolve(file))
                : new Inspection(List.of(), List.of(), List.of(), Map.of());
        boolean open = "true".equals(found.properties().get(ModelInspector.TENSORS_OPEN));
        if ((!found.inputs().isEmpty() || !found.outputs().isEmpty()) && (!open || first == null)) {
            return found;
        }
        String advice = KnownFormat.ofFile(file).map(KnownFormat::advice).orElse("install a bundle that reads it");
        if (first == null) {
            throw new ModelException(
                    Reason.INVALID_MODEL,
                    inspector.isPresent()
                            ? "'%s' does not tell its inputs and outputs: put another form such as model.onnx beside it, or add"
                                            .formatted(file)
                                    + " it to the local store with a model.json that lists them"
                            : "nothing here can look into '%s': %s".formatted(file, advice),
                    null);
        }
        if (inspector.isEmpty()) {
            LOG.warn(
                    "Nothing here can look into {}, so it is taken to be the same as '{}' until a device loads it; {}",
                    folder.resolve(file),
                    first.file(),
                    advice);
        }
        return new Inspection(first.inputs(), first.outputs(), found.externalFiles(), found.properties());
    }

    private static Map<String, String> properties(Path folder, Set<String> files, Inspection inspection)
            throws IOException, ModelException {
        Map<String, String> properties = new TreeMap<>(inspection.properties());
        if (files.contains("labels.txt")) {
            properties.put("labels", text(folder.resolve("labels.txt")).strip());
        }
        if (files.contains("model.json")) {
            properties.putAll(properties(text(folder.resolve("model.json"))));
        }
        return properties;
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
