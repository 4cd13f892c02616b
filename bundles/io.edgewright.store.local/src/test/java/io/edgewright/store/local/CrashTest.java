// SPDX-License-Identifier: Apache-2.0
package io.edgewright.store.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.edgewright.api.model.ModelFile;
import io.edgewright.api.model.ModelManifest;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Kills a process that changes a store. The system property {@code store.crash.rounds} makes the drill longer. */
class CrashTest {

    @TempDir
    Path home;

    /** What the killed processes reported as done: name:version to present. Unsure ones are left out. */
    private final Map<String, Boolean> expected = new HashMap<>();

    @Test
    void isWholeAfterEveryKill() throws Exception {
        var random = new Random(20261122);
        int changes = 0;
        for (int round = 0; round < Integer.getInteger("store.crash.rounds", 20); round++) {
            changes += killOnce(random);
            verify("round " + round);
        }
        assertThat(changes).as("changes before the kills").isGreaterThan(100);
    }

    private int killOnce(Random random) throws Exception {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-Dorg.slf4j.simpleLogger.defaultLogLevel=error",
                        "-cp",
                        System.getProperty("java.class.path"),
                        StoreHammer.class.getName(),
                        home.toString(),
                        String.valueOf(random.nextLong()))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        int lines = 0;
        try (var out = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            assertThat(out.readLine()).isEqualTo("ready");
            int killAfter = 10 + random.nextInt(30);
            for (String line = out.readLine(); line != null; line = out.readLine()) {
                note(line);
                if (++lines == killAfter) {
                    boolean ended = process.waitFor(random.nextInt(8), TimeUnit.MILLISECONDS);
                    assertThat(ended).as("the process ended by itself").isFalse();
                    process.toHandle().destroyForcibly(); // unlike Process, leaves us the last lines to read
                }
            }
        } finally {
            process.destroyForcibly();
        }
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        return lines;
    }

    private void note(String line) {
        String[] words = line.split(" ", 2);
        switch (words[0]) {
            case "added" -> expected.put(words[1], true);
            case "removed" -> expected.put(words[1], false);
            default -> expected.remove(words[1]); // begun: either state is right
        }
    }

    private void verify(String round) throws Exception {
        LocalModelStore store = StoreHammer.store(home.toString());
        try {
            assertThat(store.damaged()).as(round).isEmpty();
            Map<String, ModelManifest> found =
                    store.models().stream().collect(Collectors.toMap(m -> m.id().toString(), m -> m));
            expected.forEach((id, present) ->
                    assertThat(found.containsKey(id)).as("%s: %s", round, id).isEqualTo(present));
            Set<String> needed = new HashSet<>();
            for (ModelManifest manifest : found.values()) {
                try (ModelFile file = store.open(manifest.id())) {
                    assertThat(file.path().resolveSibling("labels.txt")).hasContent("a\nb");
                }
                needed.add(manifest.digest());
                needed.addAll(manifest.files().values());
                expected.put(manifest.id().toString(), true);
            }
            assertThat(fileNames(home.resolve("models/blobs/sha256"))).as(round).isEqualTo(needed);
            assertThat(fileNames(home.resolve("models/.incoming"))).as(round).isEmpty();
        } finally {
            store.deactivate();
        }
    }

    private static Set<String> fileNames(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return Set.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(f -> f.getFileName().toString()).collect(Collectors.toSet());
        }
    }
}
