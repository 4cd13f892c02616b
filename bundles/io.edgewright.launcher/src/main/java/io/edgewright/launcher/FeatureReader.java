// SPDX-License-Identifier: Apache-2.0
package io.edgewright.launcher;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.edgewright.launcher.Feature.BundleRef;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Reads OSGi feature files (OSGi Compendium 8.1, chapter 159) of one folder. */
final class FeatureReader {

    /** Our extension that names the features a feature needs, as texts. */
    static final String REQUIRES = "edgewright.requires";

    /** The extension of the specification for framework properties. */
    static final String PROPERTIES = "framework-launching-properties";

    /** Our key of a bundle: the names of classes to initialize beside the start. */
    static final String PRELOAD = "edgewright.preload";

    private static final String EXTENSION = ".json";
    private static final Set<String> KEYS = Set.of(
            "feature-resource-version",
            "id",
            "name",
            "description",
            "docURL",
            "license",
            "SCM",
            "vendor",
            "complete",
            "categories",
            "bundles",
            "variables",
            "extensions");

    private final Path folder;

    FeatureReader(Path folder) {
        this.folder = folder;
    }

    /** {@return the names of all features of the folder} */
    List<String> names() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(f -> f.getFileName().toString())
                    .filter(n -> n.endsWith(EXTENSION))
                    .map(n -> n.substring(0, n.length() - EXTENSION.length()))
                    .sorted()
                    .toList();
        }
    }

    /** {@return the features and those that they need, each once, needed ones first} */
    List<Feature> resolve(List<String> names) throws IOException {
        Map<String, Feature> found = new LinkedHashMap<>();
        for (String name : names) {
            add(name, new ArrayList<>(), found);
        }
        return List.copyOf(found.values());
    }

    private void add(String name, List<String> path, Map<String, Feature> found) throws IOException {
        if (path.contains(name)) {
            throw new IOException("features need each other in a circle: " + path + " -> " + name);
        }
        if (found.containsKey(name)) {
            return;
        }
        Path file = folder.resolve(name + EXTENSION);
        if (!name.matches("[A-Za-z0-9_-]+") || !Files.isRegularFile(file)) {
            throw new IOException("there is no feature '" + name + "' in " + folder + ", found " + names());
        }
        Feature feature = read(file);
        path.add(name);
        for (String needed : feature.requires()) {
            add(needed, path, found);
        }
        path.remove(name);
        found.put(name, feature);
    }

    static Feature read(Path file) throws IOException {
        try {
            JsonObject json = JsonParser.parseString(Files.readString(file)).getAsJsonObject();
            json.keySet().stream().filter(k -> !KEYS.contains(k)).findFirst().ifPresent(k -> {
                throw new IllegalArgumentException("'" + k + "' is not supported, expected one of " + KEYS);
            });
            String name = file.getFileName().toString().replace(EXTENSION, "");
            JsonObject extensions = objectIn(json, "extensions");
            return new Feature(
                    name,
                    categories(json),
                    requires(extensions),
                    bundles(json),
                    texts(objectIn(json, "variables")),
                    texts(objectIn(objectIn(extensions, PROPERTIES), "json")));
        } catch (JsonParseException | IllegalStateException | IllegalArgumentException e) {
            throw new IOException(file + " is not a feature file: " + e.getMessage(), e);
        }
    }

    private static List<String> categories(JsonObject json) {
        JsonArray array = json.getAsJsonArray("categories");
        return array == null
                ? List.of()
                : array.asList().stream().map(JsonElement::getAsString).toList();
    }

    private static List<String> requires(JsonObject extensions) {
        return texts(objectIn(extensions, REQUIRES).get("text"));
    }

    private static List<String> texts(@Nullable JsonElement array) {
        return array == null
                ? List.of()
                : array.getAsJsonArray().asList().stream()
                        .map(JsonElement::getAsString)
                        .toList();
    }

    private static List<BundleRef> bundles(JsonObject json) {
        JsonArray array = Optional.ofNullable(json.getAsJsonArray("bundles")).orElseGet(JsonArray::new);
        List<BundleRef> bundles = new ArrayList<>();
        for (JsonElement element : array) {
            JsonObject bundle = element.isJsonObject() ? element.getAsJsonObject() : new JsonObject();
            String id = element.isJsonObject()
                    ? Optional.ofNullable(bundle.get("id"))
                            .map(JsonElement::getAsString)
                            .orElse("")
                    : element.getAsString();
            String[] parts = id.split(":");
            if (parts.length != 3) {
                throw new IllegalArgumentException("bundle id '" + id + "' is not like group:artifact:version");
            }
            JsonElement level = bundle.get("start-order");
            bundles.add(new BundleRef(
                    parts[0],
                    parts[1],
                    parts[2],
                    level == null ? Feature.DEFAULT_START_LEVEL : level.getAsInt(),
                    texts(bundle.get(PRELOAD))));
        }
        return bundles;
    }

    private static JsonObject objectIn(JsonObject json, String key) {
        JsonElement value = json.get(key);
        return value == null ? new JsonObject() : value.getAsJsonObject();
    }

    private static Map<String, String> texts(JsonObject json) {
        Map<String, String> texts = new HashMap<>();
        json.entrySet().forEach(e -> texts.put(e.getKey(), e.getValue().getAsString()));
        return texts;
    }
}
