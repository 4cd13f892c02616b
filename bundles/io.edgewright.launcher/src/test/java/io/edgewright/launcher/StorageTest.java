// SPDX-License-Identifier: Apache-2.0
package io.edgewright.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StorageTest {

    @TempDir
    Path run;

    @Test
    void isNotThereAfterItWasRenewed() throws Exception {
        Path storage = new Storage(run).renew();
        assertThat(storage).doesNotExist();
        fill(storage);
        assertThat(new Storage(run).renew()).isEqualTo(storage).doesNotExist();
    }

    @Test
    void keepsFewOldOnesHoweverOftenTheGatewayEndsAtOnce() throws Exception {
        for (int i = 0; i < 20; i++) {
            fill(new Storage(run).renew());
            assertThat(folders()).hasSizeLessThanOrEqualTo(4).contains("felix-cache");
        }
    }

    @Test
    void leavesOtherFilesAlone() throws Exception {
        Files.writeString(run.resolve("felix.json"), "{}");
        for (int i = 0; i < 3; i++) {
            fill(new Storage(run).renew());
        }
        assertThat(run.resolve("felix.json")).hasContent("{}");
    }

    @Test
    void worksWithoutTheFolder() {
        Path missing = run.resolve("missing");
        assertThat(new Storage(missing).renew()).isEqualTo(missing.resolve("felix-cache"));
    }

    private List<String> folders() throws IOException {
        try (Stream<Path> files = Files.list(run)) {
            return files.map(f -> f.getFileName().toString()).toList();
        }
    }

    private static void fill(Path storage) throws IOException {
        Files.writeString(Files.createDirectories(storage.resolve("bundle1")).resolve("bundle.info"), "1");
    }
}
