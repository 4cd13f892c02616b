// SPDX-License-Identifier: Apache-2.0
package io.edgewright.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.edgewright.api.health.HealthCheck.Finding;
import io.edgewright.api.health.HealthCheck.Severity;
import io.edgewright.testkit.Configs;
import java.io.IOException;
import java.lang.management.MemoryUsage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class MemoryHealthTest {

    private static final long MIB = 1024 * 1024;

    @TempDir
    Path root;

    @Test
    void isWellWithEnoughMemoryAndWithoutLimits() throws Exception {
        linux(300, 4000, "max");
        assertThat(check(Map.of())).isEmpty();
    }

    @Test
    void isWellWhereNothingIsKnown() {
        assertThat(check(Map.of("limit.mib", 100))).isEmpty();
    }

    @Test
    void warnsNearTheLimitOfTheContainerAndIsCriticalAtIt() throws Exception {
        linux(900, 4000, Long.toString(1000 * MIB));
        assertThat(check(Map.of())).singleElement().satisfies(finding -> {
            assertThat(finding.severity()).isEqualTo(Severity.WARNING);
            assertThat(finding.message()).contains("900 MiB", "1000 MiB");
        });
        assertThat(check(Map.of("limit.mib", 800)))
                .extracting(Finding::severity)
                .containsExactly(Severity.CRITICAL);
    }

    @Test
    void saysWhenTheMachineRunsOutAndPutsTheWorstFirst() throws Exception {
        linux(900, 50, Long.toString(1000 * MIB));
        assertThat(check(Map.of())).extracting(Finding::subject).containsExactly("machine", "process");
        assertThat(check(Map.of("available.mib", 60, "limit.mib", 2000)))
                .extracting(Finding::severity)
                .containsExactly(Severity.WARNING);
    }

    @Test
    void warnsAboutAHeapThatIsFullAfterACollection() {
        assertThat(MemoryHealth.heap(new MemoryUsage(0, 95, 100, 100))).isPresent();
        assertThat(MemoryHealth.heap(new MemoryUsage(0, 50, 100, 100))).isEmpty();
        assertThat(MemoryHealth.heap(new MemoryUsage(0, 95, 100, -1))).isEmpty();
    }

    @Test
    void refusesAShareAboveTheWhole() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> check(Map.of("warning.percent", 101)))
                .withMessageContainingAll("warning.percent", "101", "100");
    }

    private List<Finding> check(Map<String, Object> properties) {
        return new MemoryHealth(Configs.of(MemoryHealth.Config.class, properties), new Proc(root)).check();
    }

    private void linux(long residentMib, long availableMib, String limit) throws IOException {
        file("proc/self/status", "Name:\tjava\nVmRSS:\t" + residentMib * 1024 + " kB\n");
        file("proc/meminfo", "MemTotal: 8000000 kB\nMemAvailable:   " + availableMib * 1024 + " kB\n");
        file("sys/fs/cgroup/memory.max", limit + "\n");
    }

    private void file(String name, String text) throws IOException {
        Path file = root.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }
}
