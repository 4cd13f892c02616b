// SPDX-License-Identifier: Apache-2.0
package io.edgewright.rest;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.edgewright.testkit.Configs;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class OpenApiTest {

    @TempDir
    static Path home; // shared: making the first account takes a while

    private final JsonObject document;

    OpenApiTest() throws IOException {
        document = JsonParser.parseString(new String(StatusRoutes.openApi(), StandardCharsets.UTF_8))
                .getAsJsonObject();
    }

    @Test
    void describesExactlyTheRoutesThatExist() throws Exception {
        Set<String> described = new TreeSet<>();
        JsonObject paths = document.getAsJsonObject("paths");
        for (String path : paths.keySet()) {
            for (String method : paths.getAsJsonObject(path).keySet()) {
                JsonObject operation = paths.getAsJsonObject(path).getAsJsonObject(method);
                String about = operation.get("description").getAsString();
                described.add(method.toUpperCase(Locale.ROOT) + " " + path + " "
                        + about.substring(0, about.indexOf('.')).replaceAll(".* ", ""));
            }
        }
        Set<String> existing = routes().stream()
                .map(r -> r.method() + " " + r.template() + " "
                        + (r.role() == Role.NONE ? "anyone" : r.role().word()))
                .collect(Collectors.toCollection(TreeSet::new));
        assertThat(described).isEqualTo(existing);
    }

    @Test
    void describesExactlyTheSettingsOfADeployment() {
        Set<String> described = document.getAsJsonObject("components")
                .getAsJsonObject("schemas")
                .getAsJsonObject("DeploymentSettings")
                .getAsJsonObject("properties")
                .keySet();
        assertThat(described).containsExactlyInAnyOrderElementsOf(DeploymentSettings.names());
    }

    @Test
    void refersOnlyToWhatItDefines() {
        List<String> references = new ArrayList<>();
        collect(document, references);
        assertThat(references).isNotEmpty().allSatisfy(reference -> {
            JsonElement at = document;
            for (String part : reference.substring(2).split("/")) {
                at = at.getAsJsonObject().get(part);
                assertThat(at).as(reference).isNotNull();
            }
        });
    }

    private List<Router.Route> routes() throws IOException {
        return new RestServer(Configs.of(RestServer.Config.class, Map.of("home", home.toString())))
                .router()
                .routes();
    }

    private static void collect(JsonElement element, List<String> references) {
        if (element.isJsonObject()) {
            element.getAsJsonObject().entrySet().forEach(entry -> {
                if (entry.getKey().equals("$ref")) {
                    references.add(entry.getValue().getAsString());
                }
                collect(entry.getValue(), references);
            });
        } else if (element.isJsonArray()) {
            element.getAsJsonArray().forEach(item -> collect(item, references));
        }
    }
}
