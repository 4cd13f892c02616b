// SPDX-License-Identifier: Apache-2.0
package io.edgewright.store.local;

import static io.edgewright.store.local.LocalStores.assertRefused;
import static io.edgewright.store.local.LocalStores.stream;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.edgewright.api.event.Event;
import io.edgewright.api.health.HealthCheck.Severity;
import io.edgewright.api.model.ModelException.Reason;
import io.edgewright.api.model.ModelId;
import io.edgewright.api.model.ModelManifest;
import io.edgewright.api.model.ModelStore;
import io.edgewright.api.model.WritableModelStore.AddOptions;
import io.edgewright.testkit.ModelStoreContract;
import io.edgewright.testkit.TestModels;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalModelStoreTest extends ModelStoreContract {

    private static final byte[] MODEL = TestModels.add(1, List.of(4L));

    @TempDir
    Path home;

    private final LocalStores stores = new LocalStores(() -> home);
    private final List<Event> events = stores.events();
    private final List<ModelStore> changes = stores.changes();

    @AfterEach
    void stop() throws IOException {
        stores.close();
    }

    private LocalModelStore open(Map<String, Object> settings) throws IOException {
        return stores.open(settings);
    }

    private LocalModelStore.Config config(Map<String, Object> settings) {
        return stores.config(settings);
    }

    private Path blob(String digest) {
        return stores.blob(digest);
    }

    @Override
    protected ModelStore store(Map<ModelId, byte[]> models) throws Exception {
        LocalModelStore store = open(Map.of());
        for (var model : models.entrySet()) {
            store.add(
                    new ByteArrayInputStream(model.getValue()),
                    "m.onnx",
                    named(model.getKey().name(), model.getKey().version().toString()));
        }
        return store;
    }

    @Override
    protected ModelStore storeOf(ModelId id, Map<String, byte[]> files) throws Exception {
        Path folder = Files.createDirectories(home.resolve("package"));
        for (var file : files.entrySet()) {
            Files.write(folder.resolve(file.getKey()), file.getValue());
        }
        LocalModelStore store = open(Map.of());
        store.add(folder, named(id.name(), id.version().toString()));
        return store;
    }

    @Override
    protected void remove(ModelStore store, ModelId id) throws Exception {
        ((LocalModelStore) store).remove(id);
    }

    @Test
    void keepsModelsOverARestart() throws Exception {
        LocalModelStore store = open(Map.of());
        ModelManifest added = store.add(
                stream(MODEL),
                "shelf.onnx",
                new AddOptions(
                        Optional.empty(),
                        Optional.empty(),
                        Map.of("task", "detection", "labels", "a\nb"),
                        Optional.empty()));
        store.deactivate();

        assertThat(open(Map.of()).models()).containsExactly(added);
        assertThat(added.id()).isEqualTo(ModelId.of("shelf", "1.0.0"));
        assertThat(added.labels()).containsExactly("a", "b");
    }

    @Test
    void givesTheNextFreeMajorVersionAndAnswersKnownContentWithTheStoredModel() throws Exception {
        LocalModelStore store = open(Map.of());
        ModelManifest one = store.add(stream(MODEL), "shelf.onnx", AddOptions.NONE);
        ModelManifest two = store.add(stream(TestModels.add(2, List.of(4L))), "shelf.onnx", AddOptions.NONE);
        ModelManifest again = store.add(stream(MODEL), "shelf.onnx", AddOptions.NONE);

        assertThat(two.id()).isEqualTo(ModelId.of("shelf", "2.0.0"));
        assertThat(again).isEqualTo(one);
        assertThat(store.models()).hasSize(2);
    }

    @Test
    void refusesOtherContentUnderAKnownVersion() throws Exception {
        LocalModelStore store = open(Map.of());
        store.add(stream(MODEL), "a.onnx", named("shelf", "3"));

        assertRefused(
                Reason.ALREADY_EXISTS,
                "another version",
                () -> store.add(stream(TestModels.add(2, List.of(4L))), "a.onnx", named("shelf", "3.0.0")));
        assertThat(store.add(stream(MODEL), "b.onnx", named("shelf", "3.0.0"))
                        .id()
                        .version())
                .hasToString("3");
    }

    @Test
    void checksThePromisedDigestAndSaysBoth() throws Exception {
        LocalModelStore store = open(Map.of());
        String wrong = "0".repeat(64);

        assertRefused(
                Reason.DIGEST_MISMATCH,
                wrong,
                () -> store.add(
                        stream(MODEL),
                        "a.onnx",
                        new AddOptions(Optional.empty(), Optional.empty(), Map.of(), Optional.of(wrong))));
        assertEmpty(store);
    }

    @Test
    void refusesWhatIsNoModelOrIsCutShort() throws Exception {
        LocalModelStore store = open(Map.of());

        assertRefused(
                Reason.INVALID_MODEL,
                "no valid ONNX",
                () -> store.add(stream("hello, world".getBytes(StandardCharsets.UTF_8)), "a.onnx", AddOptions.NONE));
        assertRefused(
                Reason.INVALID_MODEL,
                "cut short",
                () -> store.add(new ByteArrayInputStream(MODEL, 0, MODEL.length - 20), "a.onnx", AddOptions.NONE));
        assertRefused(Reason.INVALID_MODEL, "name", () -> store.add(stream(MODEL), "a.onnx", named("../x", "1")));
        assertRefused(Reason.INVALID_MODEL, "version", () -> store.add(stream(MODEL), "a.onnx", named("x", "one")));
        assertRefused(Reason.INVALID_MODEL, "not there", () -> store.add(home.resolve("no.onnx"), AddOptions.NONE));
        assertEmpty(store);
    }

    @Test
    void stopsReadingAnUploadAtTheLimit() throws Exception {
        LocalModelStore store = open(Map.of("max.model.mib", 1L));
        long[] read = {0};
        InputStream endless = new InputStream() {
            @Override
            public int read() {
                throw new AssertionError("read in blocks");
            }

            @Override
            public int read(byte[] target, int offset, int length) {
                read[0] += length; // ten gigabytes could follow
                return length;
            }
        };

        assertRefused(Reason.TOO_LARGE, "1 MiB", () -> store.add(endless, "a.onnx", AddOptions.NONE));
        assertThat(read[0]).isLessThan(2 << 20);
        assertEmpty(store);
    }

    @Test
    void refusesModelsWhenTheDiskIsNearlyFull() throws Exception {
        LocalModelStore store = open(Map.of("min.free.mib", 1L << 30));

        assertRefused(Reason.STORAGE, "min.free.mib", () -> store.add(stream(MODEL), "a.onnx", AddOptions.NONE));
        assertEmpty(store);
        assertThat(new LocalStoreHealth(store).check()).singleElement().satisfies(f -> assertThat(f.severity())
                .isEqualTo(Severity.CRITICAL));
        store.modified(config(Map.of()));
        assertThat(store.add(stream(MODEL), "a.onnx", AddOptions.NONE)).isNotNull();
    }

    @Test
    void saysThatAnUploadBrokeOff() throws Exception {
        LocalModelStore store = open(Map.of());
        InputStream broken = new InputStream() {
            private int left = 100;

            @Override
            public int read() throws IOException {
                if (left == 0) {
                    throw new IOException("connection reset");
                }
                left--;
                return 1;
            }
        };

        assertRefused(Reason.INVALID_MODEL, "broke off", () -> store.add(broken, "a.onnx", AddOptions.NONE));
        assertEmpty(store);
    }

    @Test
    void computesADigestAgainOnlyWhenAFileHasChanged() throws Exception {
        LocalModelStore store = open(Map.of());
        ModelManifest model = store.add(stream(MODEL), "shelf.onnx", AddOptions.NONE);
        Path blob = blob(model.digest());
        FileTime time = Files.getLastModifiedTime(blob);
        byte[] bad = MODEL.clone();
        bad[3]++;
        assertThat(blob.toFile().setWritable(true)).isTrue();
        Files.write(blob, bad);
        Files.setLastModifiedTime(blob, time);
        store.open(model.id()).close(); // trusted: same size, same time

        Files.setLastModifiedTime(blob, FileTime.fromMillis(1));
        assertRefused(Reason.DIGEST_MISMATCH, model.digest(), () -> store.open(model.id()));
    }

    @Test
    void deletesFilesThatNobodyNeedsAndKeepsSharedOnes() throws Exception {
        LocalModelStore store = open(Map.of());
        ModelManifest a = store.add(stream(MODEL), "a.onnx", AddOptions.NONE);
        ModelManifest b = store.add(stream(MODEL), "b.onnx", AddOptions.NONE);

        store.remove(a.id());
        assertThat(blob(b.digest())).exists();
        store.remove(b.id());
        assertThat(blob(b.digest())).doesNotExist();
        assertRefused(Reason.NOT_FOUND, "b:1.0.0", () -> store.remove(b.id()));
        assertEmpty(store);
    }

    @Test
    void letsOneStoreOnlyUseAFolder() throws Exception {
        LocalModelStore store = open(Map.of());
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> open(Map.of()))
                .withMessageContaining("in use");

        store.deactivate();
        assertThat(open(Map.of()).models()).isEmpty();
    }

    @Test
    void tellsListenersAndEventSinks() throws Exception {
        LocalModelStore store = open(Map.of());
        ModelManifest model = store.add(stream(MODEL), "shelf.onnx", AddOptions.NONE);
        store.add(stream(MODEL), "shelf.onnx", AddOptions.NONE);
        store.remove(model.id());

        assertThat(changes).containsExactly(store, store);
        assertThat(events).extracting(Event::topic).containsExactly("model/shelf/added", "model/shelf/removed");
    }

    @Test
    void refusesAfterItsEnd() throws Exception {
        LocalModelStore store = open(Map.of());
        store.deactivate();

        assertRefused(Reason.STORAGE, "stopped", () -> store.add(stream(MODEL), "a.onnx", AddOptions.NONE));
    }

    @Test
    void checksItsSettings() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> open(Map.of("max.model.mib", 0L)))
                .withMessageContaining("max.model.mib");
    }

    private void assertEmpty(LocalModelStore store) throws IOException {
        assertThat(store.models()).isEmpty();
        try (Stream<Path> all = Files.walk(home)) {
            assertThat(all.filter(Files::isRegularFile).map(p -> p.getFileName().toString()))
                    .containsOnly(".lock", ".lock-holder");
        }
    }

    private static AddOptions named(String name, String version) {
        return new AddOptions(Optional.of(name), Optional.of(version), Map.of(), Optional.empty());
    }
}
