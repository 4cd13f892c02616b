// SPDX-License-Identifier: Apache-2.0
package io.edgewright.onnxruntime;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Each choice in a process of its own, as a process makes it once. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class FlavourTest {

    @TempDir
    Path folder;

    private Path natives;

    @BeforeEach
    void takeTheLibrariesOutOfTheJar() throws Exception {
        natives = Files.createDirectories(folder.resolve("natives")).toRealPath();
        for (String library : List.of("libonnxruntime.so", "libonnxruntime4j_jni.so")) {
            String resource = "/ai/onnxruntime/native/" + Natives.platform() + "/" + library;
            try (InputStream in = FlavourTest.class.getResourceAsStream(resource)) {
                Assumptions.assumeTrue(in != null, () -> "skipped: no " + resource + " for this platform");
                Files.copy(in, natives.resolve(library));
            }
        }
    }

    @Test
    void usesTheFolderThatThePropertyNames() throws Exception {
        List<String> lines = run(Map.of(), 1, "-Dedgewright.onnxruntime.natives=" + natives);
        assertThat(lines)
                .containsExactly("OrtFlavour[name=cpu, folder=" + natives + ", problem=] version 1.29.0 core "
                        + natives.resolve("libonnxruntime.so") + " property null");
    }

    @Test
    void usesTheFolderThatTheVariableNames() throws Exception {
        assertThat(run(Map.of("EDGEWRIGHT_ONNXRUNTIME_NATIVES", natives.toString()), 1))
                .singleElement()
                .asString()
                .contains("folder=" + natives + ",");
    }

    @Test
    void isAGpuFlavourWhereTheCudaProviderLies() throws Exception {
        Files.createFile(natives.resolve("libonnxruntime_providers_cuda.so"));
        assertThat(run(Map.of(), 1, "-Dedgewright.onnxruntime.natives=" + natives))
                .singleElement()
                .asString()
                .startsWith("OrtFlavour[name=gpu, folder=" + natives);
    }

    @Test
    void survivesARefreshOfTheBundle() throws Exception {
        List<String> lines = run(Map.of(), 3, "-Dedgewright.onnxruntime.natives=" + natives);
        assertThat(lines).hasSize(3).allSatisfy(line -> assertThat(line)
                .contains("folder=" + natives, "version 1.29.0", natives + "/libonnxruntime.so", "property null"));
    }

    @Test
    void loadsOursWhereALauncherHasThemUnpackedAlsoAfterARefresh() throws Exception {
        Path unpacked = unpacked();
        List<String> lines = run(Map.of(), 2, "-D" + Natives.UNPACKED_PROPERTY + "=" + folder.toRealPath());
        assertThat(lines).hasSize(2).allSatisfy(line -> assertThat(line)
                .startsWith("OrtFlavour[name=cpu, folder=, problem=] version 1.29.0 core " + unpacked + "/")
                .endsWith("property null"));
    }

    @Test
    void doesWithoutWhatALauncherUnpackedWhereItIsOfNoUse() throws Exception {
        Path unpacked = unpacked();
        Files.writeString(unpacked.resolve("libonnxruntime4j_jni.so"), "of another version, twenty bytes and more");
        assertThat(run(Map.of(), 1, "-D" + Natives.UNPACKED_PROPERTY + "=" + folder.toRealPath()))
                .singleElement()
                .asString()
                .startsWith("OrtFlavour[name=cpu, folder=, problem=] version 1.29.0")
                .doesNotContain(unpacked.toString());
    }

    @Test
    void leavesNoFolderBehindWhenItsProcessIsKilled() throws Exception {
        assertThat(run(Map.of(), 1, "-Dhalt=true", "-Dedgewright.onnxruntime.natives=" + natives))
                .hasSize(1);
        assertThat(folder).isDirectoryNotContaining("glob:**/onnxruntime-java*");
    }

    private Path unpacked() throws Exception {
        return Files.move(natives, natives.resolveSibling(Natives.platform()));
    }

    @Test
    void leavesNoClassLoaderBehindWhereJavaIsOpenAsInKura() throws Exception {
        List<String> lines = run(
                Map.of(),
                3,
                "-Dedgewright.onnxruntime.natives=" + natives,
                "-Dcollect=true",
                "--add-opens=java.base/java.lang=ALL-UNNAMED");
        assertThat(lines).hasSize(4).endsWith("kept 0");
    }

    @Test
    void keepsTheLibrariesInTheBundleWhereTheFolderIsOfNoUse() throws Exception {
        Files.writeString(natives.resolve("libonnxruntime.so"), "not a library, but twenty bytes and more");
        assertThat(run(Map.of(), 1, "-Dedgewright.onnxruntime.natives=" + natives))
                .singleElement()
                .asString()
                .startsWith("OrtFlavour[name=cpu, folder=, problem=" + natives.resolve("libonnxruntime.so"))
                .contains("no ELF file", "version 1.29.0");
    }

    private List<String> run(Map<String, String> environment, int times, String... options) throws Exception {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-Xshare:auto", "-XX:TieredStopAtLevel=1", "-Djava.io.tmpdir=" + folder));
        command.addAll(List.of(options));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), FlavourMain.class.getName()));
        command.add(Integer.toString(times));
        Path output = folder.resolve("output");
        Path errors = folder.resolve("errors");
        var builder =
                new ProcessBuilder(command).redirectOutput(output.toFile()).redirectError(errors.toFile());
        builder.environment().remove("EDGEWRIGHT_ONNXRUNTIME_NATIVES");
        builder.environment().putAll(environment);
        Process process = builder.start();
        try {
            assertThat(process.waitFor(90, TimeUnit.SECONDS)).as("done in time").isTrue();
        } finally {
            process.destroyForcibly().waitFor();
        }
        assertThat(process.exitValue()).as(Files.readString(errors)).isZero();
        return Files.readAllLines(output);
    }
}
