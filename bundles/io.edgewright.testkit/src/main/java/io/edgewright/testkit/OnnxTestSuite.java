// SPDX-License-Identifier: Apache-2.0
package io.edgewright.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * The ONNX test suite, run in a process of its own that is started again after a case that kills it. A case is a folder with
 * {@code model.onnx} and {@code test_data_set_N/input_I.pb} and {@code output_I.pb}.
 */
public final class OnnxTestSuite {

    /** Runs one case. */
    public interface Case {

        /** {@return one line on how it went} */
        String run(Path folder) throws IOException;
    }

    private final Path folder;

    /** @param folder an empty one, where the suite is unpacked */
    public OnnxTestSuite(Path folder) {
        this.folder = folder;
    }

    /**
     * {@return the folders of all cases; the test is skipped without the test data}
     *
     * @throws IOException if they cannot be unpacked
     * @throws InterruptedException if the thread is interrupted
     */
    public List<String> cases() throws IOException, InterruptedException {
        extract(TestData.require("conformance/onnx-node-tests.tar.gz"));
        extract(TestData.require("conformance/onnx-simple-light.tar.gz"));
        lightCases();
        return casesIn(folder);
    }

    /**
     * {@return the folders of the cases below a folder}
     *
     * @throws IOException if it cannot be read
     */
    public static List<String> casesIn(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(f -> f.endsWith("model.onnx"))
                    .map(f -> f.resolveSibling("").toString())
                    .sorted(Comparator.naturalOrder())
                    .toList();
        }
    }

    /**
     * {@return case name to result}
     *
     * @param cases folders
     * @param main a class whose main method calls {@link #runCases}
     */
    public Map<String, String> results(List<String> cases, Class<?> main) throws IOException, InterruptedException {
        Path report = folder.resolve("report");
        Files.deleteIfExists(report);
        Files.createFile(report);
        Map<String, String> results = new TreeMap<>();
        List<String> todo = new ArrayList<>(cases);
        while (!todo.isEmpty()) {
            int before = todo.size();
            fork(main, report, Files.write(folder.resolve("todo"), todo));
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

    /**
     * Runs in the process of its own: every case is announced first, so that one that kills the process is known.
     *
     * @param args a folder for what a case leaves behind, a report, and a file with the folders of the cases
     * @param body runs one of them
     */
    public static void runCases(String[] args, Case body) throws IOException {
        Path report = Path.of(args[1]);
        for (String folder : Files.readAllLines(Path.of(args[2]))) {
            write(report, "begin " + folder);
            write(report, body.run(Path.of(folder)) + " " + folder);
        }
        Runtime.getRuntime().halt(0);
    }

    private static void write(Path report, String line) throws IOException {
        Files.writeString(report, line.replace('\n', ' ') + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    private void fork(Class<?> main, Path report, Path todo) throws IOException, InterruptedException {
        Path memory = Path.of("/dev/shm"); // durable writes cost nothing there
        Path home = Files.isDirectory(memory)
                ? Files.createTempDirectory(memory, "edgewright-conformance")
                : folder.resolve("home");
        try {
            fork(main, home, report, todo);
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

    private void fork(Class<?> main, Path home, Path report, Path todo) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx1g",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-XX:-CreateCoredumpOnCrash",
                        "-XX:ErrorFile=" + folder.resolve("crash.log"),
                        "-cp",
                        System.getProperty("java.class.path"),
                        main.getName(),
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
