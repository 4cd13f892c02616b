// SPDX-License-Identifier: Apache-2.0
package io.edgewright.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Every feature is whole: its bundles are there, once, and all of them start. */
final class FeaturesIT {

    private static final Path FEATURES = Packaged.FOLDER.resolve("features");

    @TempDir
    Path dir;

    @Test
    void namesEachBundleOnceAndInOneVersion() throws IOException {
        Map<String, String> versions = new HashMap<>();
        for (Path file : features()) {
            List<String> here = new ArrayList<>();
            for (String id : bundles(file)) {
                String[] parts = id.split(":");
                String artifact = parts[0] + ":" + parts[1];
                assertThat(parts).as(id).hasSize(3);
                assertThat(here).as("bundles of %s", file.getFileName()).doesNotContain(artifact);
                here.add(artifact);
                assertThat(versions.putIfAbsent(artifact, parts[2]))
                        .as(artifact)
                        .isIn(null, parts[2]);
            }
        }
    }

    @Test
    void namesExactlyWhatTheRepositoryHolds() throws IOException {
        Set<String> named = new TreeSet<>();
        for (Path file : features()) {
            bundles(file).forEach(id -> named.add(id.split(":")[1] + "-" + id.split(":")[2]));
        }
        try (Stream<Path> jars = Files.list(Packaged.FOLDER.resolve("repository"))) {
            assertThat(jars.map(j -> j.getFileName().toString().replaceFirst("\\.jar$", "")))
                    .containsExactlyInAnyOrderElementsOf(named);
        }
    }

    @Test
    void leavesNoVariableOfTheBuildUnfilled() throws IOException {
        for (Path file : features()) {
            assertThat(Files.readString(file)).as(file.toString()).doesNotContain("${project", "version}");
        }
    }

    /** The launcher refuses to run with a bundle that is not active. */
    @TestFactory
    Stream<DynamicTest> startsEveryFeatureWithAllItsBundlesActive() throws IOException {
        return features().stream()
                .map(f -> f.getFileName().toString().replace(".json", ""))
                .map(name -> DynamicTest.dynamicTest(name, () -> {
                    // Gogo's shell reads the terminal: it is ended by the end of its input
                    try (var gateway = RunningGateway.start(dir.resolve(name), "--features", name)) {
                        gateway.awaitLog(name.equals("http") ? "Ready after" : "Running without HTTP");
                    }
                }));
    }

    private static List<Path> features() throws IOException {
        try (Stream<Path> files = Files.list(FEATURES)) {
            return files.filter(f -> f.toString().endsWith(".json")).sorted().toList();
        }
    }

    private static List<String> bundles(Path file) throws IOException {
        JsonObject feature = JsonParser.parseString(Files.readString(file)).getAsJsonObject();
        return feature.getAsJsonArray("bundles").asList().stream()
                .map(JsonElement::getAsJsonObject)
                .map(b -> b.get("id").getAsString())
                .toList();
    }
}
