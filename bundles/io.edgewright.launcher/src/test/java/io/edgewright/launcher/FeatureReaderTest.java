// SPDX-License-Identifier: Apache-2.0
package io.edgewright.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import io.edgewright.launcher.Feature.BundleRef;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class FeatureReaderTest {

    private static final String CORE = """
            {"feature-resource-version": "1.0", "id": "g:core:1",
             "variables": {"port": "80"},
             "bundles": [{"id": "g:a:1", "start-order": 2, "edgewright.preload": ["a.B"]}, "g:b:1"],
             "extensions": {"framework-launching-properties":
               {"type": "json", "kind": "mandatory", "json": {"http": "${port}", "plain": "x"}}}}
            """;
    private static final String TOP = """
            {"feature-resource-version": "1.0", "id": "g:top:1", "bundles": [{"id": "g:a:1"}, {"id": "g:c:2"}],
             "extensions": {"edgewright.requires": {"type": "text", "kind": "optional", "text": ["core"]}}}
            """;

    @TempDir
    Path dir;

    @Test
    void readsNeededFeaturesFirstAndEachOnce() throws IOException {
        write("core", CORE);
        write("top", TOP);

        List<Feature> features = reader().resolve(List.of("top", "core", "top"));

        assertThat(features).extracting(Feature::name).containsExactly("core", "top");
        assertThat(features.get(0).bundles())
                .containsExactly(
                        new BundleRef("g", "a", "1", 2, List.of("a.B")),
                        new BundleRef("g", "b", "1", Feature.DEFAULT_START_LEVEL, List.of()));
    }

    @Test
    void putsVariablesIntoFrameworkProperties() throws IOException {
        write("core", CORE);
        List<Feature> features = reader().resolve(List.of("core"));

        assertThat(Installation.properties(features, Map.of()))
                .containsEntry("http", "80")
                .containsEntry("plain", "x");
        assertThat(Installation.properties(features, Map.of("port", "$1"))).containsEntry("http", "$1");
    }

    @Test
    void namesAVariableWithoutValue() throws IOException {
        write("core", CORE.replace("${port}", "${prot}"));
        List<Feature> features = reader().resolve(List.of("core"));

        assertThatIOException()
                .isThrownBy(() -> Installation.properties(features, Map.of()))
                .withMessageContainingAll("core", "prot");
    }

    @Test
    void saysWhatIsWrongWithAFile() throws IOException {
        write("core", CORE.replace("g:b:1", "g-b"));
        refuses("core", "'g-b' is not like group:artifact:version");
        write("core", "{\"bundels\": []}");
        refuses("core", "'bundels' is not supported");
        write("core", "{\"bundles\": [");
        refuses("core", "core.json is not a feature file");
        refuses("cor", "there is no feature 'cor'");
        refuses("../core", "there is no feature '../core'");
    }

    @Test
    void refusesFeaturesThatNeedEachOther() throws IOException {
        write("core", TOP.replace("[\"core\"]", "[\"top\"]"));
        write("top", TOP);

        refuses("core", "circle");
    }

    @Test
    void findsJarsAndUnpackedBundlesAndNamesWhatIsMissing() throws IOException {
        write("core", CORE);
        write("top", TOP);
        Path repository = Files.createDirectories(dir.resolve("repository"));
        Files.createFile(repository.resolve("a-1.jar"));
        Files.createDirectory(repository.resolve("b-1"));
        List<Feature> features = reader().resolve(List.of("top"));

        assertThatIOException()
                .isThrownBy(() -> new Installation(dir).locate(features))
                .withMessageContainingAll("'top'", "g:c:2", "c-2.jar");

        Files.createFile(repository.resolve("c-2.jar"));
        assertThat(new Installation(dir).locate(features))
                .extracting(Installation.Located::path)
                .containsExactly(
                        repository.resolve("a-1.jar"), repository.resolve("b-1"), repository.resolve("c-2.jar"));
    }

    @Test
    void refusesTwoVersionsOfOneBundle() throws IOException {
        write("core", CORE);
        write("top", TOP.replace("g:a:1", "g:a:2"));
        Path repository = Files.createDirectories(dir.resolve("repository"));
        for (String jar : List.of("a-1.jar", "a-2.jar", "b-1.jar", "c-2.jar")) {
            Files.createFile(repository.resolve(jar));
        }
        List<Feature> features = reader().resolve(List.of("top"));

        assertThatIOException()
                .isThrownBy(() -> new Installation(dir).locate(features))
                .withMessageContainingAll("g:a:1", "g:a:2", "one version");
    }

    private FeatureReader reader() {
        return new FeatureReader(dir);
    }

    private void write(String name, String json) throws IOException {
        Files.writeString(dir.resolve(name + ".json"), json);
    }

    private void refuses(String name, String message) {
        assertThatIOException()
                .isThrownBy(() -> reader().resolve(List.of(name)))
                .withMessageContaining(message);
    }
}
