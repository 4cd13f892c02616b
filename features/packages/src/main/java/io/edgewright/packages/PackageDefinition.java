// SPDX-License-Identifier: Apache-2.0
package io.edgewright.packages;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;

/**
 * What goes into one deployment package: the bundles of a feature that are ours, as Kura has the others.
 *
 * @param name the package's name
 * @param description for people
 * @param needs the packages that it is of no use without
 * @param bundles symbolic names, in the order of start
 */
record PackageDefinition(String name, String description, List<String> needs, List<String> bundles) {

    private static final String OURS = "io.edgewright:";

    PackageDefinition {
        needs = List.copyOf(needs);
        bundles = List.copyOf(bundles);
    }

    /** Reads {@code packages.json}: the core first; name, feature, needs, and which bundles to add, leave out, or take only. */
    static List<PackageDefinition> read(Path file, Path features) throws IOException {
        List<PackageDefinition> packages = new ArrayList<>();
        Map<String, String> owners = new HashMap<>();
        for (JsonElement element :
                JsonParser.parseString(Files.readString(file)).getAsJsonArray()) {
            JsonObject json = element.getAsJsonObject();
            String name = json.get("name").getAsString();
            List<String> bundles = bundles(features.resolve(json.get("feature").getAsString() + ".json"));
            bundles.removeAll(names(json, "without"));
            if (!packages.isEmpty()) {
                bundles.removeAll(packages.get(0).bundles()); // the core, which all others need
            }
            if (json.has("only")) {
                bundles.retainAll(names(json, "only"));
            }
            bundles.addAll(names(json, "with"));
            for (String bundle : bundles) {
                String owner = owners.putIfAbsent(bundle, name);
                if (owner != null) {
                    throw new IOException("%s is in %s and in %s, expected it in one package: DeploymentAdmin lets none"
                                    .formatted(bundle, owner, name)
                            + " share a bundle");
                }
            }
            packages.add(
                    new PackageDefinition(name, json.get("description").getAsString(), names(json, "needs"), bundles));
        }
        return packages;
    }

    private static List<String> bundles(Path feature) throws IOException {
        JsonArray bundles = JsonParser.parseString(Files.readString(feature))
                .getAsJsonObject()
                .getAsJsonArray("bundles");
        return new ArrayList<>(StreamSupport.stream(bundles.spliterator(), false)
                .map(JsonElement::getAsJsonObject)
                .filter(b -> b.get("id").getAsString().startsWith(OURS))
                .sorted(Comparator.comparingInt(
                        b -> b.has("start-order") ? b.get("start-order").getAsInt() : 5))
                .map(b -> b.get("id").getAsString().split(":")[1])
                .toList());
    }

    private static List<String> names(JsonObject json, String key) {
        List<String> names = new ArrayList<>();
        if (json.has(key)) {
            json.getAsJsonArray(key).forEach(n -> names.add(n.getAsString()));
        }
        return names;
    }
}
