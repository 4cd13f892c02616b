// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import io.edgewright.testkit.TestData;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The ONNX test suite through the driver, in a process of its own that is started again after a case that kills it.
 * Cases of two kinds may fail: those whose inputs or outputs are no tensors of our types or whose operators ONNX Runtime
 * lacks (MODEL_UNSUPPORTED), and those named here with the reason.
 */
class ConformanceTest {

    private static final Map<String, String> KNOWN = Map.ofEntries(
            Map.entry("test_dft", "the naive transform leaves 1e-4 where 0 is expected, of values up to 100"),
            Map.entry("test_dft_opset19", "as test_dft"),
            Map.entry("test_dft_axis", "as test_dft"),
            Map.entry("test_dft_axis_opset19", "as test_dft"),
            Map.entry("test_dft_inverse", "as test_dft"),
            Map.entry("test_dft_inverse_opset19", "as test_dft"),
            Map.entry("test_dft_rfft", "as test_dft"),
            Map.entry("test_dft_irfft", "as test_dft"),
            Map.entry("test_stft", "as test_dft"),
            Map.entry("test_stft_with_window", "as test_dft"),
            Map.entry("test_resize_downsample_scales_cubic_align_corners", "computes the output size otherwise"),
            Map.entry("test_resize_downsample_scales_linear_align_corners", "computes the output size otherwise"),
            Map.entry("test_training_dropout", "random: another generator than the reference"),
            Map.entry("test_training_dropout_mask", "random: another generator than the reference"),
            Map.entry("test_training_dropout_default", "random: another generator than the reference"),
            Map.entry("test_training_dropout_default_mask", "random: another generator than the reference"),
            Map.entry("test_convinteger_with_padding", "weight zero points per channel are not implemented"));

    @TempDir
    Path folder;

    @Test
    void agreesWithTheReferenceWhereverTheEngineHasTheOperator() throws Exception {
        extract(TestData.require("conformance/onnx-node-tests.tar.gz"));
        extract(TestData.require("conformance/onnx-simple-light.tar.gz"));
        lightCases();
        List<String> cases = cases();
        assertThat(cases).hasSizeGreaterThan(900);

        Map<String, String> results = runAll(cases);

        assertThat(results).hasSize(cases.size());
        assertThat(results.entrySet().stream().filter(r -> isFailure(r.getKey(), r.getValue())))
                .isEmpty();
        long passed = results.values().stream().filter("pass"::equals).count();
        assertThat(passed).as("cases that agree").isGreaterThanOrEqualTo(725);
    }

    private static boolean isFailure(String name, String result) {
        return !result.equals("pass") && !result.startsWith("MODEL_UNSUPPORTED") && !KNOWN.containsKey(name);
    }

    /** {@return case name to result} */
    private Map<String, String> runAll(List<String> cases) throws IOException, InterruptedException {
        Path report = Files.createFile(folder.resolve("report"));
        Map<String, String> results = new TreeMap<>();
        List<String> todo = new ArrayList<>(cases);
        while (!todo.isEmpty()) {
            int before = todo.size();
            fork(report, Files.write(folder.resolve("todo"), todo));
            Set<String> begun = new HashSet<>();
            for (String line : Files.readAllLines(report)) {
                int path = line.lastIndexOf(' ');
                if (line.startsWith("begin ")) {
                    begun.add(line.substring(6));
                    results.putIfAbsent(nameOf(line.substring(6)), "killed the process");
                } else {
                    results.put(nameOf(line.substring(path + 1)), line.substring(0, path));
                }
            }
            todo.removeAll(begun);
            assertThat(todo.size()).as("a process that tries nothing").isLessThan(before);
        }
        return results;
    }

    private void fork(Path report, Path todo) throws IOException, InterruptedException {
        Path memory = Path.of("/dev/shm"); // durable writes cost nothing there
        Path home = Files.isDirectory(memory)
                ? Files.createTempDirectory(memory, "edgewright-conformance")
                : folder.resolve("home");
        try {
            fork(home, report, todo);
        } finally {
            delete(home);
        }
    }

    private static void delete(Path home) throws IOException {
        try (Stream<Path> files = Files.walk(home)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }

    private void fork(Path home, Path report, Path todo) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx1g",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-XX:-CreateCoredumpOnCrash",
                        "-XX:ErrorFile=" + folder.resolve("crash.log"),
                        "-cp",
                        System.getProperty("java.class.path"),
                        ConformanceMain.class.getName(),
                        home.toString(),
                        report.toString(),
                        todo.toString())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("output").toFile())
                .start();
        try {
            assertThat(process.waitFor(5, TimeUnit.MINUTES)).as("done in time").isTrue();
        } finally {
            process.destroyForcibly().waitFor();
        }
    }

    private List<String> cases() throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(f -> f.endsWith("model.onnx"))
                    .map(f -> f.resolveSibling("").toString())
                    .sorted(Comparator.naturalOrder())
                    .toList();
        }
    }

    /** The light models lie side by side, and come without inputs: their answer depends on none. */
    private void lightCases() throws IOException {
        Path light = folder.resolve("light");
        try (Stream<Path> files = Files.list(light)) {
            for (Path model : files.filter(f -> f.toString().endsWith(".onnx")).toList()) {
                String name = model.getFileName().toString().replace(".onnx", "");
                Path data = Files.createDirectories(light.resolve(name).resolve("test_data_set_0"));
                Files.move(model, data.resolveSibling("model.onnx"));
                Files.move(light.resolve(name + "_output_0.pb"), data.resolve("output_0.pb"));
            }
        }
    }

    private void extract(Path archive) throws IOException, InterruptedException {
        Process tar = new ProcessBuilder("tar", "xzf", archive.toString(), "-C", folder.toString())
                .inheritIO()
                .start();
        assertThat(tar.waitFor()).as("tar xzf " + archive).isZero();
    }

    private static String nameOf(String path) {
        return path.substring(path.lastIndexOf('/') + 1);
    }
}
