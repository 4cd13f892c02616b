// SPDX-License-Identifier: Apache-2.0
package io.edgewright.store.local;

import static io.edgewright.store.local.LocalStores.assertRefused;
import static io.edgewright.store.local.LocalStores.stream;
import static org.assertj.core.api.Assertions.assertThat;

import io.edgewright.api.health.HealthCheck.Severity;
import io.edgewright.api.model.ModelException.Reason;
import io.edgewright.api.model.ModelFile;
import io.edgewright.api.model.ModelManifest;
import io.edgewright.api.model.WritableModelStore.AddOptions;
import io.edgewright.testkit.TestModels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a store does with a home that is damaged, or a disk that is. */
class DamagedStoreTest {

    private static final byte[] MODEL = TestModels.add(1, List.of(4L));

    @TempDir
    Path home;

    private final LocalStores stores = new LocalStores(() -> home);

    @AfterEach
    void stop() throws IOException {
        stores.close();
    }

    @Test
    void noticesADamagedFileWhenOpeningAndHealsWhenAddedAgain() throws Exception {
        LocalModelStore store = stores.open(Map.of("verify.always", true));
        ModelManifest model = store.add(stream(MODEL), "shelf.onnx", AddOptions.NONE);
        Path blob = stores.blob(model.digest());
        byte[] bad = MODEL.clone();
        bad[bad.length / 2]++;
        assertThat(blob.toFile().setWritable(true)).isTrue();
        Files.write(blob, bad);

        assertRefused(Reason.DIGEST_MISMATCH, model.digest(), () -> store.open(model.id()));
        assertThat(store.models()).isEmpty();
        assertThat(new LocalStoreHealth(store).check()).first().satisfies(f -> {
            assertThat(f.subject()).contains("shelf:1.0.0");
            assertThat(f.severity()).isEqualTo(Severity.CRITICAL);
        });
        store.add(stream(MODEL), "shelf.onnx", AddOptions.NONE);
        assertThat(store.models()).containsExactly(model);
        try (ModelFile file = store.open(model.id())) {
            assertThat(file.path()).hasBinaryContent(MODEL);
        }
        assertThat(store.damaged()).isEmpty();
    }

    @Test
    void startsWithDamagedModelsAsideAndLeftoversGone() throws Exception {
        LocalModelStore store = stores.open(Map.of());
        ModelManifest whole = store.add(stream(MODEL), "whole.onnx", AddOptions.NONE);
        ModelManifest cut = store.add(stream(TestModels.add(2, List.of(4L))), "cut.onnx", AddOptions.NONE);
        store.deactivate();
        Files.delete(stores.blob(cut.digest()));
        Files.write(stores.blob(cut.digest()), new byte[3]);
        Files.write(stores.blob("0".repeat(64)), new byte[3]);
        Files.write(home.resolve("models/blobs/sha256/.tmp-x"), new byte[3]);
        Files.createDirectories(home.resolve("models/.incoming/x/content"));

        LocalModelStore again = stores.open(Map.of());

        assertThat(again.models()).containsExactly(whole);
        assertThat(again.damaged()).containsOnlyKeys("cut:1.0.0");
        assertThat(stores.blob("0".repeat(64))).doesNotExist();
        assertThat(home.resolve("models/blobs/sha256/.tmp-x")).doesNotExist();
        assertThat(home.resolve("models/.incoming")).doesNotExist();
        again.remove(cut.id());
        assertThat(again.damaged()).isEmpty();
    }

    @Test
    void keepsFilesOfAManifestThatCannotBeRead() throws Exception {
        LocalModelStore store = stores.open(Map.of());
        ModelManifest model = store.add(stream(MODEL), "shelf.onnx", AddOptions.NONE);
        store.deactivate();
        Files.writeString(home.resolve("models/shelf/1.0.0.json"), "{");

        LocalModelStore again = stores.open(Map.of());

        assertThat(again.models()).isEmpty();
        assertThat(again.damaged()).containsOnlyKeys("shelf/1.0.0.json");
        assertThat(stores.blob(model.digest())).exists();
        assertThat(again.add(stream(MODEL), "shelf.onnx", AddOptions.NONE)).isEqualTo(model);
        assertThat(again.damaged()).isEmpty();
    }

    @Test
    void servesTheOthersWhenTheDiskCannotReadAManifest() throws Exception {
        LocalModelStore store = stores.open(Map.of());
        ModelManifest whole = store.add(stream(MODEL), "whole.onnx", AddOptions.NONE);
        ModelManifest lost = store.add(stream(TestModels.add(2, List.of(4L))), "lost.onnx", AddOptions.NONE);
        store.deactivate();
        Path manifest = home.resolve("models/lost/1.0.0.json");
        Files.delete(manifest);
        Files.createSymbolicLink(manifest, Path.of("/proc/self/mem")); // its first bytes: Input/output error

        LocalModelStore again = stores.open(Map.of());

        assertThat(again.models()).containsExactly(whole);
        assertThat(again.damaged())
                .hasEntrySatisfying("lost/1.0.0.json", why -> assertThat(why).contains("Input/output error"));
        assertThat(stores.blob(lost.digest())).exists();
        assertThat(again.add(stream(TestModels.add(2, List.of(4L))), "lost.onnx", AddOptions.NONE))
                .isEqualTo(lost);
        assertThat(again.damaged()).isEmpty();
    }

    @Test
    void leavesFoldersAloneThatAreNotItsOwn() throws Exception {
        LocalModelStore store = stores.open(Map.of());
        ModelManifest model = store.add(stream(MODEL), "shelf.onnx", AddOptions.NONE);
        store.deactivate();
        Path ofTheDisk = Files.createDirectory(home.resolve("models/lost+found"));
        Path odd = Files.createDirectories(home.resolve("models/blobs/sha256/folder/in it"));

        assertThat(stores.open(Map.of()).models()).containsExactly(model);
        assertThat(List.of(ofTheDisk, odd))
                .allSatisfy(folder -> assertThat(folder).isDirectory());
    }

    @Test
    void tellsThatItsDiskCannotBeWritten() throws Exception {
        LocalModelStore store = stores.open(Map.of());
        var health = new LocalStoreHealth(store);
        assertThat(health.check()).noneMatch(finding -> finding.message().contains("cannot be written"));

        Path gone = home.resolve("gone"); // nobody can write there, root neither
        Files.move(store.folder(), gone);
        assertThat(health.check()).anyMatch(finding -> finding.message().contains("cannot be written"));
        Files.move(gone, store.folder());
    }

    @Test
    void startsWhereTheHoldersNameIsDamaged() throws Exception {
        Files.createDirectories(home.resolve("models"));
        Files.write(home.resolve("models/.lock-holder"), new byte[] {(byte) 0xff, (byte) 0xfe, (byte) 0xc0});
        assertThat(stores.open(Map.of()).models()).isEmpty();
    }
}
