// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.edgewright.api.accelerator.Deadline;
import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.accelerator.InferenceException.Reason;
import io.edgewright.api.accelerator.LoadOptions;
import io.edgewright.api.accelerator.ModelSession;
import io.edgewright.api.accelerator.Slot;
import io.edgewright.api.config.DurableFiles;
import io.edgewright.testkit.TestModels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VettingTest {

    private static final LoadOptions UNTRUSTED = LoadOptions.DEFAULT;

    @TempDir
    Path folder;

    @Test
    void keepsAModelThatKillsTheEngineAwayFromThisProcess() throws Exception {
        Path killer = Files.write(folder.resolve("killer.onnx"), SpecialModels.killer());
        CpuDriver driver = Drivers.cpu(folder, Map.of());

        assertThatExceptionOfType(InferenceException.class)
                .isThrownBy(() -> Drivers.load(driver, killer, UNTRUSTED))
                .withMessageContainingAll("killer:1.0.0", "SIGFPE")
                .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.MODEL_INVALID));

        // the verdict lasts: another driver over the same folder starts no process
        assertThat(verdicts()).singleElement().asString().contains("SIGFPE");
        CpuDriver later = Drivers.cpu(folder, Map.of("probe.memory.mib", 64));
        assertThatExceptionOfType(InferenceException.class)
                .isThrownBy(() -> Drivers.load(later, killer, UNTRUSTED))
                .withMessageContaining("SIGFPE");
    }

    @Test
    void loadsAModelThatPassedAndRemembersIt() throws Exception {
        Path model = Files.write(folder.resolve("add.onnx"), TestModels.add(2, List.of(1L)));
        CpuDriver driver = Drivers.cpu(folder, Map.of());
        for (int i = 0; i < 2; i++) {
            try (ModelSession session = Drivers.load(driver, model, UNTRUSTED);
                    Slot slot = session.openSlot(Map.of())) {
                slot.run(Deadline.NONE);
                assertThat(slot.output("y").toFloats()).containsExactly(2);
            }
            assertThat(verdicts()).containsExactly("passed");
        }
    }

    @Test
    void cutsOffARunThatTakesTooLong() throws Exception {
        Path model = Files.write(folder.resolve("long.onnx"), TestModels.longRunning(4000, 1024));
        CpuDriver driver = Drivers.cpu(folder, Map.of("probe.seconds", 20));
        Drivers.load(driver, model, UNTRUSTED).close();
        assertThat(verdicts()).containsExactly("passed");
    }

    @Test
    void leavesErrorsThatTheEngineReportsToTheLoad() throws Exception {
        Path junk = Files.writeString(folder.resolve("junk.onnx"), "this is no model");
        CpuDriver driver = Drivers.cpu(folder, Map.of());
        assertThatExceptionOfType(InferenceException.class)
                .isThrownBy(() -> Drivers.load(driver, junk, UNTRUSTED))
                .withMessageContaining("Protobuf");
    }

    @Test
    void triesNothingWhenToldSo() throws Exception {
        Path model = Files.write(folder.resolve("add.onnx"), TestModels.add(2, List.of(1L)));
        CpuDriver driver = Drivers.cpu(folder, Map.of("probe.untrusted", false));
        Drivers.load(driver, model, UNTRUSTED).close();
        assertThat(folder.resolve("variants/vetted")).doesNotExist();
    }

    @Test
    void whatAKilledProcessLeftBehindIsDeletedAtTheNextStart() throws Exception {
        Path trial = Files.createDirectories(folder.resolve("run/isolation/1-1/1"));
        Files.writeString(trial.resolve("crash.log"), "x");
        Path half = DurableFiles.temporaryFor(folder.resolve("variants/ort/a/model.ort"));
        Files.writeString(half, "half");
        for (int i = 0; i < 70; i++) {
            Path seal = folder.resolve("variants/ort/old" + i + "/seal");
            Files.createDirectories(folder.resolve("variants/ort/old" + i));
            Files.writeString(seal, "x");
            Files.setLastModifiedTime(seal, FileTime.fromMillis(i));
        }
        Path model = Files.write(folder.resolve("add.onnx"), TestModels.add(2, List.of(1L)));
        Drivers.load(Drivers.cpu(folder, Map.of()), model, UNTRUSTED).close();

        assertThat(trial.getParent()).doesNotExist();
        assertThat(half).doesNotExist();
        assertThat(folder.resolve("variants/ort/old0")).doesNotExist();
        assertThat(folder.resolve("variants/ort/old69")).exists();
        try (Stream<Path> own = Files.walk(folder.resolve("run/isolation"))) {
            assertThat(own.filter(Files::isRegularFile)).isEmpty();
        }
    }

    private List<String> verdicts() throws IOException {
        try (Stream<Path> files = Files.list(folder.resolve("variants/vetted"))) {
            return files.map(file -> {
                        try {
                            return Files.readString(file).strip();
                        } catch (IOException e) {
                            throw new java.io.UncheckedIOException(e);
                        }
                    })
                    .toList();
        }
    }
}
