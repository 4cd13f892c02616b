// SPDX-License-Identifier: Apache-2.0
package io.edgewright.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.edgewright.api.model.ModelException;
import io.edgewright.api.model.ModelException.Reason;
import io.edgewright.api.model.ModelFile;
import io.edgewright.api.model.ModelId;
import io.edgewright.api.model.ModelManifest;
import io.edgewright.api.model.ModelStore;
import io.edgewright.api.tensor.ElementType;
import io.edgewright.api.tensor.TensorSpec;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** What every model store must do. Extend it and say how to make one. */
public abstract class ModelStoreContract {

    private static final ModelId ONE = ModelId.of("shelf", "1");
    private static final ModelId TWO = ModelId.of("shelf", "2");
    private static final byte[] ADD_ONE = TestModels.add(1, List.of(-1L, 4L));
    private static final byte[] ADD_TWO = TestModels.add(2, List.of(-1L, 4L));

    /**
     * {@return a store with these models, closed after the test by the one who made it; it lists all of them}
     *
     * @param models ONNX files by name and version
     * @throws Exception the test fails
     */
    protected abstract ModelStore store(Map<ModelId, byte[]> models) throws Exception;

    /**
     * {@return a store with a model of several files, closed after the test by the one who made it; it lists the model}
     *
     * @param id its name and version
     * @param files its files by name
     * @throws Exception the test fails
     */
    protected abstract ModelStore storeOf(ModelId id, Map<String, byte[]> files) throws Exception;

    /**
     * Removes a model; returns when the store does not list it any more.
     *
     * @param store made by {@link #store}
     * @param id one of its models
     * @throws Exception the test fails
     */
    protected abstract void remove(ModelStore store, ModelId id) throws Exception;

    @Test
    void listsEveryModelWithWhatItsFileSays() throws Exception {
        ModelStore store = store(Map.of(ONE, ADD_ONE, TWO, ADD_TWO));

        assertThat(store.name()).isNotBlank();
        assertThat(store.models()).extracting(ModelManifest::id).containsExactlyInAnyOrder(ONE, TWO);
        ModelManifest one = manifest(store, ONE);
        assertThat(one.format()).isEqualTo("onnx");
        assertThat(one.digest()).isEqualTo(sha256(ADD_ONE));
        assertThat(one.sizeBytes()).isEqualTo(ADD_ONE.length);
        assertThat(one.inputs()).containsExactly(new TensorSpec("x", ElementType.FLOAT32, List.of(-1L, 4L)));
        assertThat(one.outputs()).containsExactly(new TensorSpec("y", ElementType.FLOAT32, List.of(-1L, 4L)));
    }

    @Test
    void opensAModelWithItsBytes() throws Exception {
        ModelStore store = store(Map.of(ONE, ADD_ONE, TWO, ADD_TWO));

        try (ModelFile two = store.open(TWO)) {
            assertThat(two.path()).hasBinaryContent(ADD_TWO);
            assertThat(two.manifest()).isEqualTo(manifest(store, TWO));
            assertThat(two.goldenCases()).isEmpty();
        }
    }

    @Test
    void keepsEveryFormOfAModel() throws Exception {
        byte[] lite = "\u001c\0\0\0TFL3 nothing here reads it".getBytes(StandardCharsets.ISO_8859_1);
        ModelStore store =
                storeOf(ONE, Map.of("model.tflite", lite, "model.onnx", ADD_ONE, "labels.txt", new byte[] {'a'}));

        try (ModelFile model = store.open(ONE)) {
            assertThat(model.manifest()).isEqualTo(manifest(store, ONE));
            assertThat(model.manifest().formats()).containsExactly("onnx", "tflite");
            assertThat(model.manifest().digest()).isEqualTo(sha256(ADD_ONE));
            assertThat(model.path()).hasBinaryContent(ADD_ONE);
            ModelFile form = model.in("tflite");
            assertThat(form.path()).hasBinaryContent(lite);
            assertThat(form.manifest().digest()).isEqualTo(sha256(lite));
            assertThat(form.manifest().sizeBytes()).isEqualTo(lite.length);
            assertThat(form.manifest().inputs()).isEqualTo(model.manifest().inputs());
            assertThat(form.manifest().files().keySet()).containsExactlyInAnyOrder("labels.txt", "model.onnx");
            assertThat(form.path().resolveSibling("labels.txt")).hasContent("a");
        }
    }

    @Test
    void saysThatItDoesNotHaveAModel() throws Exception {
        ModelStore store = store(Map.of(ONE, ADD_ONE));

        assertThatExceptionOfType(ModelException.class)
                .isThrownBy(() -> store.open(ModelId.of("shelf", "9")).close())
                .withMessageContaining("shelf:9")
                .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.NOT_FOUND));
    }

    @Test
    void keepsAnOpenModelReadableAfterItsRemoval() throws Exception {
        ModelStore store = store(Map.of(ONE, ADD_ONE, TWO, ADD_TWO));
        ModelFile one = store.open(ONE);

        remove(store, ONE);

        assertThat(store.models()).extracting(ModelManifest::id).containsExactly(TWO);
        assertThat(one.path()).hasBinaryContent(ADD_ONE);
        one.close();
        assertThatExceptionOfType(ModelException.class)
                .isThrownBy(() -> store.open(ONE).close())
                .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.NOT_FOUND));
    }

    @Test
    void closesOneHandleWithoutHarmToAnother() throws Exception {
        ModelStore store = store(Map.of(ONE, ADD_ONE));
        ModelFile first = store.open(ONE);
        ModelFile second = store.open(ONE);

        first.close();
        first.close();

        assertThat(second.path()).hasBinaryContent(ADD_ONE);
        second.close();
    }

    @Test
    void opensModelsForManyThreads() throws Exception {
        ModelStore store = store(Map.of(ONE, ADD_ONE, TWO, ADD_TWO));
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            Callable<Boolean> work = () -> {
                for (int i = 0; i < 20; i++) {
                    boolean even = i % 2 == 0;
                    try (ModelFile file = store.open(even ? ONE : TWO)) {
                        assertThat(Files.readAllBytes(file.path())).isEqualTo(even ? ADD_ONE : ADD_TWO);
                    }
                }
                return true;
            };
            List<Future<Boolean>> results = new ArrayList<>(threads.invokeAll(List.of(work, work, work, work)));
            for (Future<Boolean> result : results) {
                assertThat(result.get()).isTrue();
            }
        } finally {
            threads.shutdownNow();
        }
    }

    /**
     * {@return the manifest of a model that the store lists}
     *
     * @param store any
     * @param id one of its models
     */
    protected static ModelManifest manifest(ModelStore store, ModelId id) {
        return store.models().stream()
                .filter(m -> m.id().equals(id))
                .findFirst()
                .orElseThrow(() -> new AssertionError(id + " is not in " + store.models()));
    }

    /**
     * {@return the digest as manifests have it}
     *
     * @param content any bytes
     * @throws Exception never: every Java platform has SHA-256
     */
    protected static String sha256(byte[] content) throws Exception {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
    }
}
