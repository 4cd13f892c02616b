// SPDX-License-Identifier: Apache-2.0
package io.edgewright.optimizer;

import static org.assertj.core.api.Assertions.assertThat;

import io.edgewright.api.config.DurableFiles;
import io.edgewright.api.optimize.Optimization;
import io.edgewright.optimizer.VariantStore.Stored;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Kills a process in the middle of a search. The system property {@code optimizer.crash.rounds} makes the drill longer. */
class CrashTest {

    @TempDir
    Path home;

    private final Random random = new Random(20261122);
    private final Set<String> winners = new HashSet<>();
    private int kills;

    @Test
    void goesOnAfterEveryKillAndTheCacheIsWhole() throws Exception {
        int rounds = Integer.getInteger("optimizer.crash.rounds", 8);
        Set<String> before = Set.of();
        while (kills < rounds) {
            boolean ended = searchUntilKilled();
            Set<String> now = verify();
            assertThat(now).as("what was made stays, after %d kills", kills).containsAll(before);
            before = now;
            if (ended) { // begin anew
                before = Set.of();
                Files.delete(only(home.resolve("variants/requests")));
                for (String key : now) {
                    new VariantStore(home.resolve("variants")).drop(key);
                }
            }
        }
        while (!searchUntilKilled()) {
            verify();
        }
        assertThat(winners)
                .as("however often it was killed, the same pipeline wins")
                .hasSize(1);
    }

    /** {@return true if the search came to its end} */
    private boolean searchUntilKilled() throws Exception {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-Dorg.slf4j.simpleLogger.defaultLogLevel=error",
                        "-cp",
                        System.getProperty("java.class.path"),
                        SearchHammer.class.getName(),
                        home.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        boolean ended = false;
        try (var out = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            assertThat(out.readLine()).isEqualTo("ready");
            int killAfter = 1 + random.nextInt(4);
            int lines = 0;
            for (String line = out.readLine(); line != null; line = out.readLine()) {
                if (line.startsWith("done ")) {
                    winners.add(line.split(" ")[2]);
                    ended = true;
                } else if (++lines == killAfter) {
                    process.waitFor(random.nextInt(400), TimeUnit.MILLISECONDS);
                    process.toHandle().destroyForcibly();
                    kills++;
                }
            }
        } finally {
            process.destroyForcibly();
        }
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        return ended;
    }

    /** {@return the keys of the variants; all that is under its final name is whole} */
    private Set<String> verify() throws IOException {
        Set<String> keys = new HashSet<>();
        for (Path entry : list(home.resolve("variants"))) {
            String key = entry.getFileName().toString();
            if (key.equals("requests")) {
                Path request = only(entry);
                assertThat(Json.read(request, Optimization.class).id() + ".json")
                        .isEqualTo(request.getFileName().toString());
            } else if (!key.equals("work") && !key.equals("unfinished")) {
                Stored stored = Json.read(entry.resolve("record.json"), Stored.class);
                String digest = stored.steps().get(stored.steps().size() - 1).outputDigest();
                assertThat(Digests.of(entry.resolve("model.onnx"))).as(key).isEqualTo(digest);
                keys.add(key);
            }
        }
        return keys;
    }

    private static Path only(Path folder) throws IOException {
        List<Path> files = list(folder).stream()
                .filter(f -> !DurableFiles.isTemporary(f)) // the next start deletes those
                .toList();
        assertThat(files).hasSize(1);
        return files.get(0);
    }

    private static List<Path> list(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.toList();
        }
    }
}
