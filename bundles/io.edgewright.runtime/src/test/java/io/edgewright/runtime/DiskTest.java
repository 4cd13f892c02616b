// SPDX-License-Identifier: Apache-2.0
package io.edgewright.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.edgewright.api.inference.DeploymentEvent;
import io.edgewright.api.inference.DeploymentEvent.Kind;
import io.edgewright.runtime.DeploymentState.Ref;
import java.nio.charset.MalformedInputException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DiskTest {

    private static final long MIB = 1 << 20;

    @TempDir
    Path dir;

    @Test
    void readsTheStateItWrote() throws Exception {
        Path file = dir.resolve("d.json");
        var state = new DeploymentState(
                new Ref("m", "2.0.0", "b"), new Ref("m", "1.0.0", "a"), null, List.of(new Ref("m", "3.0.0", "c")), "f");
        state.write(file);
        assertThat(DeploymentState.read(file)).isEqualTo(state);
    }

    @Test
    void aBrokenStateFileCostsNoService() throws Exception {
        Path file = dir.resolve("d.json");
        new DeploymentState(new Ref("m", "2.0.0", "b"), null, null, List.of(new Ref("m", "3", "c")), "f").write(file);
        byte[] good = Files.readAllBytes(file);
        var random = new Random(7);
        for (int i = 0; i < 2_000; i++) {
            byte[] bad = Arrays.copyOf(good, random.nextInt(good.length + 1));
            for (int flips = random.nextInt(4); flips > 0 && bad.length > 0; flips--) {
                bad[random.nextInt(bad.length)] = (byte) random.nextInt(256);
            }
            Files.write(file, bad);
            assertThat(readOrNew(file)).isNotNull();
        }
    }

    @Test
    void keepsTheEventsAroundALineThatAPowerCutBroke() throws Exception {
        new History(dir, "d").add(event("one"));
        Files.writeString(dir.resolve("d.history.jsonl"), "{\"time\":\"20", StandardOpenOption.APPEND);
        var history = new History(dir, "d");
        history.add(event("two"));
        assertThat(history.last(10)).extracting(DeploymentEvent::message).containsExactly("one", "two");
        assertThat(history.last(1)).extracting(DeploymentEvent::message).containsExactly("two");
    }

    @Test
    void theHistoryIsBounded() throws Exception {
        var history = new History(dir, "d");
        String text = "x".repeat(4_000);
        for (int i = 0; i < 150; i++) {
            history.add(event(text + i));
        }
        assertThat(Files.size(dir.resolve("d.history.jsonl"))).isLessThan(2 * MIB);
        assertThat(history.last(1).get(0).message()).endsWith("149");
    }

    @Test
    void soManyHistoriesOutliveTheirDeployments() throws Exception {
        for (int i = 0; i < History.OUTLIVING + 20; i++) {
            new History(dir, "d" + i).add(event("one"));
            Files.setLastModifiedTime(dir.resolve("d" + i + ".history.jsonl"), FileTime.fromMillis(i));
        }
        Files.writeString(dir.resolve("d0.json"), "{}");

        History.sweep(dir, Set.of("d0"));

        try (Stream<Path> left = Files.list(dir)) {
            assertThat(left).hasSize(History.OUTLIVING + 2);
        }
        assertThat(new History(dir, "d0").last(1)).as("is served still").hasSize(1);
        assertThat(new History(dir, "d19").last(1)).isEmpty();
        assertThat(new History(dir, "d20").last(1)).hasSize(1);
    }

    @Test
    void findsTheMemoryThatTheControlGroupLeaves() throws Exception {
        write("proc/meminfo", "MemTotal: 8000000 kB\nMemAvailable:    2097152 kB\n");
        var memory = new LinuxMemory(dir);
        assertThat(memory.availableBytes()).isEqualTo(2048 * MIB);
        write("proc/self/cgroup", "0::/gateway/app\n");
        write("sys/fs/cgroup/gateway/app/memory.max", "max\n");
        write("sys/fs/cgroup/gateway/app/memory.current", "1\n");
        write("sys/fs/cgroup/gateway/memory.max", String.valueOf(512 * MIB));
        write("sys/fs/cgroup/gateway/memory.current", String.valueOf(500 * MIB));
        write("sys/fs/cgroup/gateway/memory.stat", "anon 5\ninactive_file " + 100 * MIB + "\n");
        assertThat(memory.availableBytes()).isEqualTo(112 * MIB);
        write("proc/self/cgroup", "12:cpu,memory:/docker/abc\n");
        write("sys/fs/cgroup/memory/docker/abc/memory.limit_in_bytes", String.valueOf(64 * MIB));
        write("sys/fs/cgroup/memory/docker/abc/memory.usage_in_bytes", String.valueOf(60 * MIB));
        assertThat(memory.availableBytes()).isEqualTo(4 * MIB);
    }

    @Test
    void knowsNoLimitWhereThereIsNoLinux() {
        assertThat(new LinuxMemory(dir).availableBytes()).isEqualTo(Long.MAX_VALUE);
    }

    private static DeploymentState readOrNew(Path file) throws Exception {
        try {
            return DeploymentState.read(file);
        } catch (MalformedInputException e) {
            return DeploymentState.NEW; // an IOException: the caller starts anew and says so
        }
    }

    private void write(String file, String text) throws Exception {
        Path path = dir.resolve(file);
        Files.createDirectories(path.getParent());
        Files.write(path, text.getBytes(StandardCharsets.UTF_8));
    }

    private static DeploymentEvent event(String message) {
        return new DeploymentEvent(Instant.EPOCH, "d", Kind.STATE, message, Map.of("a", "b"));
    }
}
