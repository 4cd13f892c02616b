// SPDX-License-Identifier: Apache-2.0
package io.edgewright.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import io.edgewright.api.config.DurableFiles;
import io.edgewright.api.health.HealthCheck.Severity;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Dictionary;
import java.util.Hashtable;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ConfigurationFolderTest {

    @TempDir
    Path dir;

    @Test
    void readsBackEveryTypeOfValue() throws IOException {
        var folder = new ConfigurationFolder(dir);
        Dictionary<String, Object> values = new Hashtable<>(Map.of(
                "service.pid",
                "a~b",
                "text",
                "caf\u00e9 \"quoted\" = \\ \n line",
                "number",
                7,
                "big",
                Long.MIN_VALUE,
                "real",
                0.1,
                "single",
                Float.MIN_VALUE,
                "flag",
                true,
                "list",
                new String[] {"x", "", "y=z"}));

        folder.store("a~b", values);

        Dictionary<String, Object> read = new ConfigurationFolder(dir).load("a~b");
        assertThat(read.size()).isEqualTo(values.size());
        for (var keys = values.keys(); keys.hasMoreElements(); ) {
            String key = keys.nextElement();
            assertThat(read.get(key)).as(key).isEqualTo(values.get(key));
        }
    }

    @Test
    void keepsPidsApartWhateverTheirCharacters() {
        assertThat(ConfigurationFolder.fileName("io.edgewright.deployment~shelf-1"))
                .isEqualTo("io.edgewright.deployment~shelf-1.config");
        assertThat(ConfigurationFolder.fileName("../x")).isEqualTo("%2E.%2Fx.config");
        assertThat(ConfigurationFolder.fileName("a%2Fb")).isNotEqualTo(ConfigurationFolder.fileName("a/b"));
        assertThat(ConfigurationFolder.fileName("\u00fc")).isEqualTo("%C3%BC.config");
    }

    @Test
    void ignoresAndDeletesWhatAKilledWriteLeftBehind() throws IOException {
        var folder = new ConfigurationFolder(dir);
        folder.store("one", new Hashtable<>(Map.of("service.pid", "one", "value", 1)));
        Path half = DurableFiles.temporaryFor(dir.resolve(ConfigurationFolder.fileName("one")));
        Files.writeString(half, "service.pid=\"on");

        var reopened = new ConfigurationFolder(dir);

        assertThat(reopened.load("one").get("value")).isEqualTo(1);
        assertThat(reopened.loadAll()).hasSize(1);
        assertThat(half).doesNotExist();
    }

    @Test
    void leavesOutABrokenFileAndKeepsTheOthers() throws IOException {
        var folder = new ConfigurationFolder(dir);
        folder.store("good", new Hashtable<>(Map.of("service.pid", "good")));
        Path broken = Files.writeString(dir.resolve("bad.config"), "service.pid=[\"x");

        assertThat(folder.loadAll()).hasSize(1);
        assertThatIOException().isThrownBy(() -> folder.load("bad")).withMessageContaining("bad.config");
        assertThat(broken).exists();
    }

    @Test
    void tellsOfABrokenFileUntilItIsWrittenAgain() throws IOException {
        var folder = new ConfigurationFolder(dir);
        var configurations = new DurableConfigurations(folder);
        Path broken = Files.writeString(dir.resolve("bad.config"), "service.pid=[\"x");
        folder.loadAll();

        assertThat(configurations.check()).singleElement().satisfies(finding -> {
            assertThat(finding.severity()).isEqualTo(Severity.CRITICAL);
            assertThat(finding.subject()).contains(broken.toString());
        });

        folder.store("bad", new Hashtable<>(Map.of("service.pid", "bad")));
        assertThat(configurations.check()).isEmpty();
    }

    @Test
    void refusesAnyBrokenFileByItsName() throws IOException {
        var random = new Random(42);
        var folder = new ConfigurationFolder(dir);
        folder.store("x", new Hashtable<>(Map.of("service.pid", "x", "a", new String[] {"1", "2"}, "n", 5L)));
        Path file = dir.resolve("x.config");
        byte[] good = Files.readAllBytes(file);
        for (int i = 0; i < 2000; i++) {
            byte[] bytes = good.clone();
            for (int k = random.nextInt(4) + 1; k > 0; k--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
            }
            Files.write(file, bytes);
            try {
                folder.load("x");
            } catch (IOException e) {
                assertThat(e).hasMessageContaining("x.config");
            }
        }
    }

    @Test
    void losesNothingThatWasAcknowledgedBeforeAKill() throws Exception {
        var random = new Random(7);
        for (int round = 0; round < 3; round++) {
            Path home = Files.createDirectory(dir.resolve("kill" + round));
            Process writer = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-Xshare:auto",
                            "-XX:TieredStopAtLevel=1",
                            "-cp",
                            System.getProperty("java.class.path"),
                            KilledWriter.class.getName(),
                            home.toString())
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            int acknowledged = -1;
            int enough = 20 + random.nextInt(200);
            try (BufferedReader lines = writer.inputReader(StandardCharsets.UTF_8)) {
                while (acknowledged < enough) {
                    acknowledged = Integer.parseInt(lines.readLine());
                }
                writer.destroyForcibly();
                assertThat(writer.waitFor(20, TimeUnit.SECONDS)).isTrue();
            }

            Dictionary<String, Object> read = new ConfigurationFolder(home).load("counter");

            assertThat((Integer) read.get("value")).isGreaterThanOrEqualTo(acknowledged);
            assertThat((String) read.get("filling")).hasSize(10_000);
        }
    }
}
