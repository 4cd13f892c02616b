// SPDX-License-Identifier: Apache-2.0
package io.edgewright.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.edgewright.api.tensor.ElementType;
import io.edgewright.api.tensor.TensorSpec;
import io.edgewright.testkit.OnnxWriter;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Weights never pass through the heap: a process with 64 MiB of it edits models that are much larger. */
@EnabledOnOs(value = OS.LINUX, disabledReason = "reads /proc")
class LargeModelTest {

    private static final int MIB = 1 << 20;

    @TempDir
    Path dir;

    @Test
    void edits100MibWithAHeapOf64() throws Exception {
        Path file = dir.resolve("m.onnx");
        write100Mib(file);
        assertThat(Files.size(file)).isGreaterThan(100 * MIB);

        for (Storage storage : List.of(Storage.INSIDE, Storage.BESIDE)) {
            Path edited = dir.resolve("edited-" + storage + ".onnx");
            assertThat(edit(file, edited, storage)).as("peak resident MiB").isLessThan(200);
            checkEnds(edited, 100, 26);
        }
    }

    @Test
    @EnabledIfSystemProperty(
            named = "edgewright.test.large",
            matches = "true",
            disabledReason = "writes 2.5 GB; -Dedgewright.test.large=true runs it")
    void edits2500MibBesideTheModel() throws Exception {
        assumeThat(Files.getFileStore(dir).getUsableSpace() >> 20)
                .as("MiB of disk: the edited weights take 2500")
                .isGreaterThan(4000);
        TensorSpec spec = new TensorSpec("y", ElementType.FLOAT32, List.of(125L * MIB));
        OnnxWriter writer = new OnnxWriter(17).output(spec);
        for (int i = 0; i < 5; i++) {
            sparse(dir.resolve("w" + i + ".bin"), 500, i);
            writer.externalInitializer("w" + i, spec, "w" + i + ".bin");
        }
        Path file = Files.write(
                dir.resolve("m.onnx"),
                writer.node("Sum", List.of("w0", "w1", "w2", "w3", "w4"), List.of("y"), Map.of())
                        .toBytes());

        Path edited = dir.resolve("edited.onnx");
        assertThat(edit(file, edited, Storage.AUTO)).as("peak resident MiB").isLessThan(200);

        assertThat(Files.size(edited)).isLessThan(MIB);
        assertThat(Files.size(dir.resolve("edited.onnx.data"))).isEqualTo(2500L * MIB);
        checkEnds(edited, 500, 5);
    }

    private static void write100Mib(Path file) throws IOException {
        Graph graph = new Graph("large");
        graph.setOutputs(List.of(ValueInfo.untyped("y")));
        for (int i = 0; i < 26; i++) {
            ByteBuffer data = ByteBuffer.allocate(4 * MIB).put(0, (byte) i).put(4 * MIB - 1, (byte) i);
            graph.setInitializer("w" + i, Weights.of(DataType.UINT8, List.of(4L * MIB), data));
        }
        graph.add(new Node("Concat", List.copyOf(graph.initializers().keySet()), List.of("y"))
                .set("axis", Attribute.of(0)));
        OnnxModel.of(8, 17, graph).write(file, Storage.INSIDE);
    }

    private static void sparse(Path file, int mebibytes, int mark) throws IOException {
        try (var out = new RandomAccessFile(file.toFile(), "rw")) {
            out.write(mark);
            out.seek((long) mebibytes * MIB - 1);
            out.write(mark);
        }
    }

    private static void checkEnds(Path file, int atLeastMib, int tensors) throws IOException {
        try (OnnxModel model = OnnxModel.read(file)) {
            assertThat(model.graph().producer("relu")).isPresent();
            assertThat(model.graph().initializers()).hasSize(tensors);
            for (int i = 0; i < tensors; i++) {
                ByteBuffer data =
                        model.graph().initializer("w" + i).orElseThrow().bytes();
                assertThat(data.get(0)).isEqualTo((byte) i);
                assertThat(data.get(data.limit() - 1)).isEqualTo((byte) i);
            }
            assertThat(model.graph().initializers().values().stream()
                                    .mapToLong(Weights::byteSize)
                                    .sum()
                            / MIB)
                    .isGreaterThanOrEqualTo(atLeastMib);
        }
    }

    /** {@return the peak of the memory that the process had, in MiB} */
    private int edit(Path from, Path to, Storage storage) throws IOException, InterruptedException {
        Path output = dir.resolve("output");
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx64m",
                        "-XX:+UseSerialGC",
                        "-XX:MaxDirectMemorySize=16m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        EditMain.class.getName(),
                        from.toString(),
                        to.toString(),
                        storage.name())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        try {
            assertThat(process.waitFor(3, TimeUnit.MINUTES)).as("done in time").isTrue();
        } finally {
            process.destroyForcibly().waitFor();
        }
        String said = Files.readString(output, StandardCharsets.UTF_8);
        assertThat(process.exitValue()).as(said).isZero();
        int peak = Integer.parseInt(said.replaceAll("(?s).*VmHWM:\\s*(\\d+) kB.*", "$1")) / 1024;
        System.out.println("editing " + Files.size(from) / MIB + " MiB: peak resident " + peak + " MiB");
        return peak;
    }
}
