// SPDX-License-Identifier: Apache-2.0
package io.edgewright.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InstallationTest {

    @TempDir
    Path folder;

    @Test
    void namesTheDriverFeaturesWhoseBundlesAreAllThere() throws IOException {
        Files.createDirectories(folder.resolve("features"));
        Files.createDirectories(folder.resolve("repository/b-1")); // an unpacked bundle
        Files.createFile(folder.resolve("repository/a-1.jar"));
        feature("core", "\"bundles\": [\"g:a:1\"]");
        feature("litert", "\"categories\": [\"accelerator\"], \"bundles\": [\"g:b:1\"], " + requires("core"));
        feature("torch", "\"categories\": [\"accelerator\"], \"bundles\": [\"g:missing:1\"]");
        feature("over", "\"categories\": [\"accelerator\"], \"bundles\": [], " + requires("torch"));
        feature("sim", "\"bundles\": [\"g:a:1\"]");

        assertThat(new Installation(folder).drivers()).containsExactly("litert");
    }

    private static String requires(String name) {
        return "\"extensions\": {\"edgewright.requires\": {\"text\": [\"" + name + "\"]}}";
    }

    private void feature(String name, String content) throws IOException {
        Files.writeString(folder.resolve("features/" + name + ".json"), "{" + content + "}");
    }
}
