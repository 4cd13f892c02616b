// SPDX-License-Identifier: Apache-2.0
package io.edgewright.store.directory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.edgewright.api.event.Event;
import io.edgewright.api.model.ModelException;
import io.edgewright.api.model.ModelException.Reason;
import io.edgewright.api.model.ModelFile;
import io.edgewright.api.model.ModelId;
import io.edgewright.api.model.ModelInspector;
import io.edgewright.api.model.ModelStore;
import io.edgewright.api.tensor.ElementType;
import io.edgewright.api.tensor.Npy;
import io.edgewright.api.tensor.Tensor;
import io.edgewright.api.tensor.TensorSpec;
import io.edgewright.onnx.OnnxInspector;
import io.edgewright.testkit.Configs;
import io.edgewright.testkit.ModelStoreContract;
import io.edgewright.testkit.OnnxWriter;
import io.edgewright.testkit.TestModels;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class DirectoryModelStoreTest extends ModelStoreContract {

    private static final ModelId ONE = ModelId.of("shelf", "1");
    private static final byte[] MODEL = TestModels.add(1, List.of(2L));
    private static final byte[] OTHER = TestModels.add(2, List.of(2L));

    @TempDir
    Path home;

    @TempDir
    Path temporary;

    private final List<DirectoryModelStore> opened = new ArrayList<>();
    private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();
    private final List<ModelStore> changes = new ArrayList<>();

    @AfterEach
    void stop() {
        opened.forEach(DirectoryModelStore::stop);
    }

    @Override
    protected ModelStore store(Map<ModelId, byte[]> models) throws Exception {
        for (var model : models.entrySet()) {
            write(model.getKey(), "model.onnx", model.getValue());
        }
        DirectoryModelStore store = open(Map.of());
        look(store, 2);
        return store;
    }

    @Override
    protected ModelStore storeOf(ModelId id, Map<String, byte[]> files) throws Exception {
        for (var file : files.entrySet()) {
            write(id, file.getKey(), file.getValue());
        }
        DirectoryModelStore store = open(Map.of());
        look(store, 2);
        return store;
    }

    @Override
    protected void remove(ModelStore store, ModelId id) throws Exception {
        Trees.delete(root().resolve(id.name()).resolve(id.version().toString()));
        look((DirectoryModelStore) store, 1);
    }

    @Test
    void listsAFileOnlyAfterItHasSettled() throws Exception {
        DirectoryModelStore store = open(Map.of());
        look(store, 1);
        write(ONE, "model.onnx", Arrays.copyOf(MODEL, 10));
        assertThat(store.scan().settling()).isTrue();
        write(ONE, "model.onnx", Arrays.copyOf(MODEL, 20));
        assertThat(store.scan().settling()).isTrue();
        write(ONE, "model.onnx", MODEL);
        assertThat(store.scan().settling()).isTrue();
        assertThat(store.models()).isEmpty();

        assertThat(store.scan().settling()).isFalse();

        assertThat(store.models()).extracting(m -> m.id()).containsExactly(ONE);
        assertThat(changes).containsExactly(store);
        assertThat(events).extracting(Event::topic).containsExactly("model/shelf/added");
    }

    @Test
    void neverListsAFileThatIsNoModelAndListsItOnceItIs() throws Exception {
        write(ONE, "model.onnx", Arrays.copyOf(MODEL, MODEL.length - 9));
        DirectoryModelStore store = open(Map.of());
        look(store, 3);
        assertThat(store.models()).isEmpty();

        write(ONE, "model.onnx", MODEL);
        look(store, 2);
        assertThat(store.models()).hasSize(1);
    }

    @Test
    void servesNewContentWrittenInPlaceAndKeepsOldHandles() throws Exception {
        ModelStore store = store(Map.of(ONE, MODEL));
        try (ModelFile old = store.open(ONE)) {
            write(ONE, "model.onnx", OTHER);

            assertThatExceptionOfType(ModelException.class)
                    .isThrownBy(() -> store.open(ONE).close())
                    .withMessageContaining(sha256(OTHER))
                    .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.DIGEST_MISMATCH));
            look((DirectoryModelStore) store, 2);

            assertThat(manifest(store, ONE).digest()).isEqualTo(sha256(OTHER));
            assertThat(old.path()).hasBinaryContent(MODEL);
            try (ModelFile now = store.open(ONE)) {
                assertThat(now.path()).hasBinaryContent(OTHER);
            }
        }
    }

    @Test
    void dropsAModelThatIsOverwrittenWithRubbish() throws Exception {
        ModelStore store = store(Map.of(ONE, MODEL));
        write(ONE, "model.onnx", new byte[] {1, 2, 3});
        look((DirectoryModelStore) store, 2);

        assertThat(store.models()).isEmpty();
        assertThat(events).extracting(Event::topic).containsExactly("model/shelf/added", "model/shelf/removed");
    }

    @Test
    void survivesTheDeletionOfItsFolder() throws Exception {
        DirectoryModelStore store = (DirectoryModelStore) store(Map.of(ONE, MODEL));
        Trees.delete(root());
        look(store, 1);
        assertThat(store.models()).isEmpty();

        write(ONE, "model.onnx", MODEL);
        look(store, 2);
        assertThat(store.models()).hasSize(1);
    }

    @Test
    void readsLabelsPropertiesGoldenPairsAndExternalData() throws Exception {
        write(ONE, "model.onnx", external("w.bin"));
        write(ONE, "w.bin", new byte[12]);
        write(ONE, "labels.txt", "a\nb\n".getBytes(StandardCharsets.UTF_8));
        write(ONE, "config.pbtxt", "name: \"other\"".getBytes(StandardCharsets.UTF_8));
        write(
                ONE,
                "model.json",
                "{\"name\": \"other\", \"properties\": {\"task\": \"detection\"}}".getBytes(StandardCharsets.UTF_8));
        write(ONE, "golden/g/input.x.npy", new byte[0]);
        Npy.write(folder(ONE).resolve("golden/g/input.x.npy"), Tensor.ofFloats(List.of(1L), 1));
        ModelStore store = store(Map.of());

        var manifest = manifest(store, ONE);
        assertThat(manifest.labels()).containsExactly("a", "b");
        assertThat(manifest.properties()).containsEntry("task", "detection");
        assertThat(manifest.sizeBytes()).isEqualTo(external("w.bin").length + 12);
        try (ModelFile file = store.open(ONE)) {
            assertThat(file.path().resolveSibling("w.bin")).hasBinaryContent(new byte[12]);
            assertThat(file.goldenCases()).singleElement().satisfies(g -> assertThat(g.inputs())
                    .containsKey("x"));
        }
    }

    @Test
    void refusesExternalDataThatIsAbsentOrBehindALink() throws Exception {
        write(ONE, "model.onnx", external("w.bin"));
        Files.createSymbolicLink(folder(ONE).resolve("w.bin"), Path.of("/etc/hostname"));
        write(ModelId.of("shelf", "2"), "model.onnx", external("absent.bin"));

        assertThat(store(Map.of()).models()).isEmpty();
    }

    @Test
    void ignoresFoldersThatAreNoModels() throws Exception {
        write(ONE, "model.onnx", MODEL);
        Files.createDirectories(root().resolve("shelf/latest"));
        Files.write(root().resolve("shelf/latest/model.onnx"), MODEL);
        Files.createDirectories(root().resolve(".shelf.tmp/1"));
        Files.write(root().resolve(".shelf.tmp/1/model.onnx"), MODEL);
        Files.write(root().resolve("shelf/config.pbtxt"), new byte[1]);
        write(ModelId.of("empty", "1"), "notes.txt", new byte[1]);

        assertThat(store(Map.of()).models()).extracting(m -> m.id()).containsExactly(ONE);
    }

    @Test
    void ignoresANumberThatBeginsWithZeroAsItMayBeThereWithoutToo() throws Exception {
        write(ONE, "model.onnx", MODEL);
        write(ModelId.of("shelf", "01"), "model.onnx", OTHER);
        DirectoryModelStore store = open(Map.of());
        look(store, 2);

        assertThat(store.scan().settling()).isFalse();
        assertThat(manifest(store, ONE).digest()).isEqualTo(sha256(MODEL));
    }

    @ParameterizedTest
    @MethodSource("breaks")
    void anInspectorThatBreaksOnOneModelHidesNoOther(Error breaks) throws Exception {
        write(ONE, "model.onnx", MODEL);
        write(ModelId.of("bad", "1"), "model.odd", new byte[9]);
        DirectoryModelStore store = open(Map.of(), new BrokenInspector(breaks));
        look(store, 2);

        assertThat(store.models()).extracting(m -> m.id()).containsExactly(ONE);
        assertThat(store.scan().settling()).isFalse();
    }

    private static Stream<Error> breaks() {
        return Stream.of(new StackOverflowError("odd"), new NoClassDefFoundError("its bundle was refreshed"));
    }

    @Test
    void aListenerThatIsHalfGoneKeepsNothingFromTheOthers() throws Exception {
        var store = new DirectoryModelStore(
                Configs.of(
                        DirectoryModelStore.Config.class,
                        Map.of("path", root().toString(), "name", "test", "home", home.toString())),
                List.of(new OnnxInspector()),
                List.of(
                        changed -> {
                            throw new NoClassDefFoundError("its bundle was refreshed");
                        },
                        changes::add),
                List.of());
        write(ONE, "model.onnx", MODEL);
        look(store, 2);
        assertThat(changes).containsExactly(store);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void followsTheFolderByItself(boolean watch) throws Exception {
        DirectoryModelStore store = open(Map.of("watch", watch, "poll.seconds", 1));
        store.start();
        write(ONE, "model.onnx", MODEL);
        assertThat(next()).isEqualTo("model/shelf/added");

        Trees.delete(root());
        assertThat(next()).isEqualTo("model/shelf/removed");

        write(ONE, "model.onnx", OTHER);
        assertThat(next()).isEqualTo("model/shelf/added");
        store.stop();
        assertThat(Thread.getAllStackTraces().keySet())
                .noneMatch(t -> t.getName().equals("edgewright-store-directory-test"));
    }

    @Test
    void isToldOfChangesLongBeforeItLooks() throws Exception {
        write(ModelId.of("first", "1"), "model.onnx", MODEL);
        DirectoryModelStore store = open(Map.of("poll.seconds", 3600));
        store.start();
        assertThat(next()).isEqualTo("model/first/added");
        write(ONE, "model.onnx", MODEL);
        assertThat(next()).isEqualTo("model/shelf/added");
    }

    @Test
    void watchesFoldersThatAreStillEmpty() throws Exception {
        Files.createDirectories(folder(ONE));
        Files.createDirectories(root().resolve("next"));
        DirectoryModelStore store = open(Map.of());
        assertThat(store.scan().folders())
                .containsExactlyInAnyOrder(root(), root().resolve("next"), root().resolve("shelf"), folder(ONE));
    }

    @Test
    void leavesNoCopyBehind() throws Exception {
        ModelStore store = store(Map.of(ONE, MODEL));
        store.open(ONE).close();

        try (Stream<Path> all = Files.walk(home)) {
            assertThat(all.filter(Files::isRegularFile)).isEmpty();
        }
    }

    @Test
    void checksItsSettings() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> open(Map.of("poll.seconds", 0)))
                .withMessageContaining("poll.seconds");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> open(Map.of("path", "")))
                .withMessageContaining("path");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> open(Map.of("name", "../x")))
                .withMessageContaining("name");
    }

    private String next() throws InterruptedException {
        Event event = events.poll(60, TimeUnit.SECONDS);
        return event == null ? "nothing within a minute" : event.topic();
    }

    private DirectoryModelStore open(Map<String, Object> settings, ModelInspector... others) throws IOException {
        Map<String, Object> all = new HashMap<>(settings);
        all.putIfAbsent("path", root().toString());
        all.putIfAbsent("name", "test");
        all.put("home", home.toString());
        var store = new DirectoryModelStore(
                Configs.of(DirectoryModelStore.Config.class, all),
                Stream.concat(Stream.of(new OnnxInspector()), Stream.of(others)).toList(),
                List.of(changes::add),
                List.of(events::add));
        opened.add(store);
        return store;
    }

    private static void look(DirectoryModelStore store, int times) throws IOException {
        for (int i = 0; i < times; i++) {
            store.scan();
        }
    }

    private Path root() {
        return temporary.resolve("models");
    }

    private Path folder(ModelId id) {
        return root().resolve(id.name()).resolve(id.version().toString());
    }

    private void write(ModelId id, String path, byte[] content) throws IOException {
        Path file = folder(id).resolve(path);
        Files.createDirectories(file.getParent());
        Files.write(file, content);
    }

    private static byte[] external(String location) {
        return new OnnxWriter(17)
                .input(new TensorSpec("x", ElementType.FLOAT32, List.of(3L)))
                .output(new TensorSpec("y", ElementType.FLOAT32, List.of(3L)))
                .externalInitializer("w", new TensorSpec("w", ElementType.FLOAT32, List.of(3L)), location)
                .node("Add", List.of("x", "w"), List.of("y"), Map.of())
                .toBytes();
    }

    private record BrokenInspector(Error breaks) implements ModelInspector {

        @Override
        public String format() {
            return "odd";
        }

        @Override
        public List<String> extensions() {
            return List.of("odd");
        }

        @Override
        public Inspection inspect(Path file) {
            throw breaks;
        }
    }
}
