// SPDX-License-Identifier: Apache-2.0
package io.edgewright.isolation;

import static org.assertj.core.api.Assertions.assertThat;

import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.accelerator.InferenceException.Reason;
import io.edgewright.api.accelerator.LoadOptions;
import io.edgewright.api.accelerator.ModelSession;
import io.edgewright.api.isolation.Engine;
import io.edgewright.api.isolation.EngineSpec;
import io.edgewright.api.model.ModelFile;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class StartTest extends Fixture {

    @Test
    void tellsWhatTheEngineFoundInAProcessOfItsOwn() throws Exception {
        Map<String, String> found = isolation.start(Echo.spec(Map.of()));

        assertThat(found.get("pid"))
                .isNotEqualTo(Long.toString(ProcessHandle.current().pid()));
        assertThat(Long.parseLong(found.getOrDefault("heap", "0"))).isBetween(32L << 20, 64L << 20);
        Children.assertNone();
    }

    @Test
    void givesTheProcessNoEnvironmentOfThisOne() throws Exception {
        assertThat(isolation
                        .start(Echo.spec(Map.of()))
                        .getOrDefault("environment", "")
                        .split(","))
                .contains("ECHO", "PATH", "LC_ALL") // the last one by us, so that Java opens files of any name
                .isSubsetOf("ECHO", "PATH", "LC_ALL", "LC_CTYPE"); // Java itself may set the last one
    }

    @Test
    void findsItsClassesFromAnyFolder() throws Exception {
        String usual = System.getProperty("java.class.path");
        System.setProperty("java.class.path", "some/relative.jar" + File.pathSeparator + usual);
        try {
            assertThat(EngineClasses.path(Echo.spec(Map.of()), models).split(File.pathSeparator))
                    .allMatch(entry -> Path.of(entry).isAbsolute())
                    .anyMatch(entry -> entry.endsWith("some/relative.jar"));
        } finally {
            System.setProperty("java.class.path", usual);
        }
    }

    @Test
    void saysWhatTheEngineSays() {
        assertFails(Reason.DEVICE_UNAVAILABLE, () -> start("refuse"), "install the device");
    }

    @Test
    void saysWhatWentWrongInTheEngine() {
        assertFails(Reason.DEVICE_UNAVAILABLE, () -> start("throw"), "UnsupportedOperationException", "a bug");
    }

    @Test
    void namesTheSignalOfAnEngineThatCrashes() {
        assertFails(Reason.DEVICE_UNAVAILABLE, () -> start("segfault"), "EchoEngine", "SIGSEGV");
    }

    @Test
    void namesTheExitCodeOfAnEngineThatEndsItsProcess() {
        assertFails(Reason.DEVICE_UNAVAILABLE, () -> start("exit"), "EchoEngine", "exit code 7");
    }

    @Test
    void endsAnEngineThatHangs() {
        EngineSpec spec = Echo.spec(Map.of("start", "hang"), Duration.ofSeconds(8), 1L << 30);
        assertFails(Reason.DEVICE_UNAVAILABLE, () -> isolation.start(spec), "not done after 8 s");
    }

    @Test
    void endsAnEngineThatTakesTooMuchMemory() {
        EngineSpec spec = Echo.spec(Map.of("start", "eat"), Duration.ofSeconds(60), 200 << 20);
        assertFails(Reason.DEVICE_UNAVAILABLE, () -> isolation.start(spec), "MiB of memory, allowed are 200 MiB");
    }

    @Test
    void saysWhatIsWrongWithTheClass() {
        EngineSpec spec =
                new EngineSpec(Hidden.class, "1", Map.of(), Map.of(), List.of(), Duration.ofSeconds(60), 1L << 30);
        assertFails(Reason.DEVICE_UNAVAILABLE, () -> isolation.start(spec), "Hidden", "constructor without parameters");
    }

    @Test
    void saysWhatJavaSaysAboutItsOptions() {
        EngineSpec spec = new EngineSpec(
                EchoEngine.class, "1", Map.of(), Map.of(), List.of("-Xnonsense"), Duration.ofSeconds(60), 1L << 30);
        assertFails(Reason.DEVICE_UNAVAILABLE, () -> isolation.start(spec), "-Xnonsense");
    }

    @Test
    void letsTheEngineFreeItsDevice() throws Exception {
        Path file = models.resolve("closed");
        isolation.start(Echo.spec(Map.of("close", "write " + file)));
        assertThat(file).hasContent("closed");
    }

    @Test
    void worksWhereThePathIsTooLongForASocket() throws Exception {
        Path deep = Files.createDirectories(home.resolve("a".repeat(60)).resolve("b".repeat(60)));
        try (var other = new ProcessIsolation(deep)) {
            assertThat(other.start(Echo.spec(Map.of()))).containsKey("pid");
        }
        Children.assertNothingLeft(deep);
    }

    @Test
    void saysThatAPathIsTooLongWhereThereIsNoOtherPlace() throws Exception {
        Path deep = Files.createDirectories(home.resolve("a".repeat(60)).resolve("b".repeat(60)));
        try (var other = new ProcessIsolation(deep, new Folders(deep, home.resolve("none")))) {
            assertFails(
                    Reason.DEVICE_UNAVAILABLE, () -> other.start(Echo.spec(Map.of())), "too long", "edgewright.home");
        }
    }

    private void start(String how) throws InferenceException {
        isolation.start(Echo.spec(Map.of("start", how)));
    }

    /** Cannot be made without knowing what to say. */
    private record Hidden(String word) implements Engine {

        @Override
        public Map<String, String> start(Map<String, String> settings) {
            return Map.of(word, word);
        }

        @Override
        public ModelSession load(ModelFile model, String device, LoadOptions options) throws InferenceException {
            throw new InferenceException(Reason.MODEL_UNSUPPORTED, "none", null);
        }
    }
}
