// SPDX-License-Identifier: Apache-2.0
package io.edgewright.store.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.edgewright.api.model.ModelException;
import io.edgewright.api.model.ModelException.Reason;
import io.edgewright.api.model.ModelFile;
import io.edgewright.api.model.ModelId;
import io.edgewright.api.model.ModelManifest;
import io.edgewright.api.model.WritableModelStore.AddOptions;
import io.edgewright.api.tensor.ElementType;
import io.edgewright.api.tensor.Npy;
import io.edgewright.api.tensor.Tensor;
import io.edgewright.api.tensor.TensorSpec;
import io.edgewright.onnx.OnnxInspector;
import io.edgewright.testkit.Configs;
import io.edgewright.testkit.OnnxWriter;
import io.edgewright.testkit.TestModels;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Folders, zip files and their model.json. */
class PackagesTest {

    private static final byte[] MODEL = TestModels.add(1, List.of(2L));

    @TempDir
    Path home;

    @TempDir
    Path source;

    private LocalModelStore store;

    @BeforeEach
    void open() throws IOException {
        store = new LocalModelStore(
                Configs.of(
                        LocalModelStore.Config.class,
                        Map.of("home", home.toString(), "min.free.mib", 0L, "max.model.mib", 64L)),
                List.of(new OnnxInspector()),
                List.of(),
                List.of());
    }

    @AfterEach
    void close() throws IOException {
        store.deactivate();
    }

    @Test
    void readsAFolderWithGoldenPairsLabelsAndProperties() throws Exception {
        write("model.onnx", MODEL);
        write("labels.txt", "cat\ndog\n");
        write("model.json", """
                {"name": "pets", "version": "1.2.0",
                 "properties": {"task": "classification", "image.scale": 0.5, "image.mean": [1, 2, 3]}}
                """);
        golden("golden/first/input.x.npy", 1, 2);
        golden("golden/first/output.y.npy", 2, 3);

        ModelManifest manifest = store.add(source, AddOptions.NONE);

        assertThat(manifest.id()).isEqualTo(ModelId.of("pets", "1.2.0"));
        assertThat(manifest.labels()).containsExactly("cat", "dog");
        assertThat(manifest.properties())
                .containsEntry("task", "classification")
                .containsEntry("image.scale", "0.5")
                .containsEntry("image.mean", "1,2,3");
        assertThat(manifest.files().keySet())
                .containsExactlyInAnyOrder("labels.txt", "golden/first/input.x.npy", "golden/first/output.y.npy");
        try (ModelFile file = store.open(manifest.id())) {
            assertThat(file.goldenCases()).singleElement().satisfies(golden -> {
                assertThat(golden.name()).isEqualTo("first");
                assertThat(golden.inputs()).containsEntry("x", Tensor.ofFloats(List.of(2L), 1, 2));
                assertThat(golden.outputs()).containsEntry("y", Tensor.ofFloats(List.of(2L), 2, 3));
            });
        }
    }

    @Test
    void placesExternalDataBesideTheModel() throws Exception {
        byte[] model = external("data/w.bin");
        write("model.onnx", model);
        write("data/w.bin", new byte[12]);

        for (ModelManifest manifest :
                List.of(store.add(source, named("folder")), store.add(source.resolve("model.onnx"), named("file")))) {
            assertThat(manifest.sizeBytes()).isEqualTo(model.length + 12);
            try (ModelFile file = store.open(manifest.id())) {
                assertThat(file.path().resolveSibling("data/w.bin")).hasBinaryContent(new byte[12]);
            }
        }
    }

    @Test
    void refusesAModelWhoseExternalDataIsNotThere() throws Exception {
        byte[] model = external("w.bin");

        assertRefused(
                Reason.INVALID_MODEL,
                "w.bin",
                () -> store.add(new ByteArrayInputStream(model), "a.onnx", AddOptions.NONE));
        assertRefused(Reason.INVALID_MODEL, "w.bin", () -> zip(Map.of("model.onnx", model)));
    }

    @Test
    void refusesExternalDataOutsideTheFolder() throws Exception {
        assertRefused(Reason.INVALID_MODEL, "outside", () -> zip(Map.of("model.onnx", external("../w.bin"))));

        write("model.onnx", external("w.bin"));
        Files.createSymbolicLink(source.resolve("w.bin"), Path.of("/etc/hostname"));
        assertRefused(Reason.INVALID_MODEL, "outside", () -> store.add(source.resolve("model.onnx"), AddOptions.NONE));
        assertRefused(Reason.INVALID_MODEL, "symbolic link", () -> store.add(source, AddOptions.NONE));
    }

    @Test
    void readsAZipOfAFolder() throws Exception {
        ModelManifest manifest =
                zip(Map.of("pets/model.onnx", MODEL, "pets/labels.txt", "cat".getBytes(StandardCharsets.UTF_8)));

        assertThat(manifest.id()).isEqualTo(ModelId.of("upload", "1.0.0"));
        assertThat(manifest.file()).isEqualTo("model.onnx");
        assertThat(manifest.labels()).containsExactly("cat");
    }

    @Test
    void takesItsOwnManifestsBack() throws Exception {
        ModelManifest manifest = zip(Map.of("model.onnx", MODEL, "notes.txt", new byte[] {'a'}));
        byte[] json = Files.readAllBytes(home.resolve("models/upload/1.0.0.json"));
        store.remove(manifest.id());

        assertThat(zip(Map.of("model.onnx", MODEL, "notes.txt", new byte[] {'a'}, "model.json", json)))
                .isEqualTo(manifest);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'digest': '00'} | DIGEST_MISMATCH | expected 00",
                "{'files': {'notes.txt': '00'}} | DIGEST_MISMATCH | notes.txt",
                "{'files': {'other.txt': '00'}} | INVALID_MODEL | other.txt",
                "{'files': {}} | INVALID_MODEL | does not list",
                "{'sizeBytes': 5} | INVALID_MODEL | promises sizeBytes 5",
                "{'inputs': []} | INVALID_MODEL | promises inputs []",
                "{'inputs': [{'name': 'x', 'type': 'FLOAT', 'shape': []}]} | INVALID_MODEL | FLOAT32",
                "{'file': '../model.onnx'} | INVALID_MODEL | leaves the package",
                "{'file': 'absent.onnx'} | INVALID_MODEL | absent.onnx",
                "{'format': 'tflite'} | INVALID_MODEL | must list its inputs",
                "{'version': 'one'} | INVALID_MODEL | version 'one'",
                "{'properties': {'a': {}}} | INVALID_MODEL | properties.a",
                "[] | INVALID_MODEL | no JSON object",
                "{ | INVALID_MODEL | no JSON",
            })
    void refusesAWrongModelJson(String json, Reason reason, String message) throws Exception {
        Map<String, byte[]> files = Map.of(
                "model.onnx",
                MODEL,
                "notes.txt",
                new byte[] {'a'},
                "model.json",
                json.replace('\'', '"').getBytes(StandardCharsets.UTF_8));

        assertRefused(reason, message, () -> zip(files));
        assertNothingWritten();
    }

    @ParameterizedTest
    @ValueSource(strings = {"../evil", "/etc/evil", "a/../../evil", "a\\..\\evil", "C:evil", "a//b"})
    void refusesAZipThatEscapes(String name) throws Exception {
        assertRefused(
                Reason.INVALID_MODEL, "leaves the package", () -> zip(Map.of("model.onnx", MODEL, name, new byte[1])));
        assertNothingWritten();
    }

    @Test
    void refusesAZipWithALink() throws Exception {
        byte[] zip = zipBytes(Map.of("model.onnx", MODEL));
        int directory = lastIndexOf(zip, new byte[] {'P', 'K', 1, 2});
        zip[directory + 5] = 3; // made on Unix
        zip[directory + 41] = (byte) 0xA1; // mode 0120777
        zip[directory + 40] = (byte) 0xFF;

        assertRefused(Reason.INVALID_MODEL, "link", () -> zip(zip));
        assertNothingWritten();
    }

    @Test
    void refusesAZipWithANameTwice() throws Exception {
        Map<String, byte[]> files = new LinkedHashMap<>();
        files.put("model.onnx", MODEL);
        files.put("model.onny", MODEL);
        byte[] zip = zipBytes(files);
        for (int i = 0; i < zip.length; i++) {
            zip[i] = zip[i] == 'y' && zip[i - 1] == 'n' && zip[i - 2] == 'n' ? (byte) 'x' : zip[i];
        }

        assertRefused(Reason.INVALID_MODEL, "twice", () -> zip(zip));
        assertNothingWritten();
    }

    @Test
    void refusesAZipBomb() throws Exception {
        byte[] bomb = zipBytes(Map.of("model.onnx", new byte[40 << 20]));

        assertRefused(Reason.TOO_LARGE, "bomb", () -> zip(bomb));
        assertNothingWritten();
    }

    @Test
    void refusesAZipWithTooManyFilesOrTooManyBytes() throws Exception {
        Map<String, byte[]> many = new LinkedHashMap<>();
        for (int i = 0; i <= Limits.FILES; i++) {
            many.put("f" + i, new byte[0]);
        }
        assertRefused(Reason.TOO_LARGE, "files", () -> zip(many));

        byte[] noise = new byte[40 << 20];
        new Random(1).nextBytes(noise);
        byte[] half = Arrays.copyOf(noise, 30 << 20);
        Map<String, byte[]> large = Map.of("a.bin", half, "b.bin", Arrays.copyOfRange(noise, 5 << 20, 40 << 20));
        assertRefused(Reason.TOO_LARGE, "64 MiB", () -> zip(large));
        assertNothingWritten();
    }

    @Test
    void refusesAZipWhoseDirectoryIsLargerThanAnyPackageNeeds() throws Exception {
        var bytes = new ByteArrayOutputStream();
        try (var out = new ZipOutputStream(bytes)) {
            for (int i = 0; i < 300; i++) {
                var entry = new ZipEntry(i == 0 ? "model.onnx" : "note" + i);
                entry.setComment("x".repeat(60_000)); // only the directory holds it
                out.putNextEntry(entry);
                out.write(i == 0 ? MODEL : new byte[1]);
                out.closeEntry();
            }
        }
        assertRefused(Reason.TOO_LARGE, "directory", () -> zip(bytes.toByteArray()));
        assertNothingWritten();
    }

    @Test
    void aModelIsStoredThoughAListenerIsHalfGone() throws Exception {
        store.deactivate();
        List<Object> told = new ArrayList<>();
        store = new LocalModelStore(
                Configs.of(LocalModelStore.Config.class, Map.of("home", home.toString(), "min.free.mib", 0L)),
                List.of(new OnnxInspector()),
                List.of(
                        changed -> {
                            throw new NoClassDefFoundError("its bundle was refreshed");
                        },
                        told::add),
                List.of());

        zip(Map.of("model.onnx", MODEL));
        assertThat(told).containsExactly(store);
    }

    @Test
    void refusesAPackageWithoutOneModel() {
        assertRefused(Reason.INVALID_MODEL, "notes.txt", () -> zip(Map.of("notes.txt", new byte[1])));
        assertRefused(Reason.INVALID_MODEL, "2 models", () -> zip(Map.of("a.onnx", MODEL, "b.onnx", MODEL)));
        assertRefused(
                Reason.INVALID_MODEL,
                "golden",
                () -> zip(Map.of("model.onnx", MODEL, "golden/a/input.x.npy", new byte[9])));
    }

    @Test
    void answersDamagedZipFilesWithASpecificError() throws Exception {
        var random = new Random(20261122);
        byte[] seed = zipBytes(Map.of(
                "model.onnx", MODEL, "model.json", "{\"properties\":{\"a\":\"b\"}}".getBytes(StandardCharsets.UTF_8)));
        for (int i = 0; i < 500; i++) {
            byte[] zip = seed.clone();
            for (int change = random.nextInt(5); change >= 0; change--) {
                zip[4 + random.nextInt(zip.length - 4)] = (byte) random.nextInt();
            }
            byte[] cut = random.nextInt(4) == 0 ? Arrays.copyOf(zip, 4 + random.nextInt(zip.length - 4)) : zip;
            try {
                store.remove(zip(cut).id());
            } catch (ModelException e) {
                assertThat(e.reason())
                        .as(e.getMessage())
                        .isNotIn(Reason.STORAGE, Reason.ALREADY_EXISTS, Reason.NOT_FOUND);
            }
        }
        assertNothingWritten();
    }

    private ModelManifest zip(Map<String, byte[]> files) throws IOException, ModelException {
        return zip(zipBytes(files));
    }

    private ModelManifest zip(byte[] zip) throws ModelException {
        return store.add(new ByteArrayInputStream(zip), "upload.zip", AddOptions.NONE);
    }

    private static byte[] zipBytes(Map<String, byte[]> files) throws IOException {
        var bytes = new ByteArrayOutputStream();
        try (var out = new ZipOutputStream(bytes)) {
            for (var file : files.entrySet()) {
                out.putNextEntry(new ZipEntry(file.getKey()));
                out.write(file.getValue());
                out.closeEntry();
            }
        }
        return bytes.toByteArray();
    }

    private static int lastIndexOf(byte[] bytes, byte[] wanted) {
        for (int i = bytes.length - wanted.length; i >= 0; i--) {
            if (Arrays.equals(bytes, i, i + wanted.length, wanted, 0, wanted.length)) {
                return i;
            }
        }
        throw new AssertionError("not found");
    }

    private static byte[] external(String location) {
        return new OnnxWriter(17)
                .input(new TensorSpec("x", ElementType.FLOAT32, List.of(3L)))
                .output(new TensorSpec("y", ElementType.FLOAT32, List.of(3L)))
                .externalInitializer("w", new TensorSpec("w", ElementType.FLOAT32, List.of(3L)), location)
                .node("Add", List.of("x", "w"), List.of("y"), Map.of())
                .toBytes();
    }

    private static AddOptions named(String name) {
        return new AddOptions(Optional.of(name), Optional.empty(), Map.of(), Optional.empty());
    }

    private void write(String path, String content) throws IOException {
        write(path, content.getBytes(StandardCharsets.UTF_8));
    }

    private void write(String path, byte[] content) throws IOException {
        Path file = source.resolve(path);
        Files.createDirectories(file.getParent());
        Files.write(file, content);
    }

    private void golden(String path, float... values) throws IOException {
        write(path, new byte[0]);
        Npy.write(source.resolve(path), Tensor.ofFloats(List.of((long) values.length), values));
    }

    private void assertNothingWritten() throws IOException {
        assertThat(store.models()).isEmpty();
        try (Stream<Path> all = Files.walk(home)) {
            assertThat(all.filter(Files::isRegularFile).map(p -> p.getFileName().toString()))
                    .containsOnly(".lock", ".lock-holder");
        }
    }

    private static void assertRefused(Reason reason, String message, ThrowingCallable call) {
        assertThatExceptionOfType(ModelException.class)
                .isThrownBy(call)
                .withMessageContaining(message)
                .satisfies(e -> assertThat(e.reason()).isEqualTo(reason));
    }
}
