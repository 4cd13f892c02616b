// SPDX-License-Identifier: Apache-2.0
package io.edgewright.kura.cloud;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.edgewright.api.model.ModelException;
import io.edgewright.api.model.ModelFile;
import io.edgewright.api.model.ModelId;
import io.edgewright.api.model.ModelManifest;
import io.edgewright.api.model.WritableModelStore;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.eclipse.kura.KuraErrorCode;
import org.eclipse.kura.KuraException;
import org.eclipse.kura.deployment.hook.RequestContext;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ModelHookTest {

    private static final String DIGEST = "0123456789abcdef".repeat(4);
    private static final Map<String, Object> PROPERTIES =
            Map.of("file", "shelf.onnx", "sha256", DIGEST, "name", "shelf", "version", "2.0.0");

    @TempDir
    Path folder;

    private final MemoryStore store = new MemoryStore();
    private final ModelHook hook = new ModelHook();
    private Path downloaded = Path.of("");

    @BeforeEach
    void download() throws IOException {
        downloaded = Files.writeString(folder.resolve("shelf-2.0.0.dp"), "content");
        hook.store = store;
    }

    @Test
    void movesTheDownloadedFileIntoTheStore() throws Exception {
        hook.preDownload(context(), PROPERTIES);
        assertThat(store.added).isEmpty();
        hook.postDownload(context(), PROPERTIES);
        assertThat(store.added).isEqualTo("shelf.onnx shelf:2.0.0 " + DIGEST + " content");
        assertThat(downloaded).doesNotExist();
    }

    @Test
    void leavesTheFileToDeployV2WhenItIsNotStored() {
        store.refuses = true; // DEPLOY-V2 calls this after a failed download too
        assertThatExceptionOfType(KuraException.class)
                .isThrownBy(() -> hook.postDownload(context(), PROPERTIES))
                .withMessageContaining("another digest");
        assertThat(downloaded).exists();
        var absent = new RequestContext(folder.resolve("none.dp").toString(), "EDGEWRIGHT-MODEL");
        assertThatExceptionOfType(KuraException.class)
                .isThrownBy(() -> hook.postDownload(absent, PROPERTIES))
                .satisfies(e -> assertThat(e.getCode()).isEqualTo(KuraErrorCode.IO_ERROR));
    }

    @ParameterizedTest
    @CsvSource({"sha256, abc", "sha256, ''", "file, ''", "name, a/b", "version, x.y"})
    void refusesBeforeTheDownloadWhatCouldNotBeStored(String key, String value) {
        var properties = new java.util.HashMap<>(PROPERTIES);
        properties.put(key, value);
        assertThatExceptionOfType(KuraException.class)
                .isThrownBy(() -> hook.preDownload(context(), properties))
                .withMessageContaining("expected")
                .satisfies(e -> assertThat(e.getCode()).isEqualTo(KuraErrorCode.BAD_REQUEST));
        hook.store = null;
        assertThatExceptionOfType(KuraException.class)
                .isThrownBy(() -> hook.preDownload(context(), PROPERTIES))
                .satisfies(e -> assertThat(e.getCode()).isEqualTo(KuraErrorCode.SERVICE_UNAVAILABLE));
    }

    private RequestContext context() {
        return new RequestContext(downloaded.toString(), "EDGEWRIGHT-MODEL");
    }

    /** A store that notes what was added. */
    private static final class MemoryStore implements WritableModelStore {

        boolean refuses;
        String added = "";

        @Override
        public ModelManifest add(InputStream content, String file, AddOptions options) throws ModelException {
            if (refuses) {
                throw new ModelException(ModelException.Reason.DIGEST_MISMATCH, "another digest", null);
            }
            try {
                ModelId id = ModelId.of(
                        options.name().orElseThrow(), options.version().orElseThrow());
                String digest = options.sha256().orElseThrow();
                added = file + " " + id + " " + digest + " "
                        + new String(content.readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
                return new ModelManifest(id, "onnx", file, digest, 7, List.of(), List.of(), Map.of(), Map.of());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public ModelManifest add(Path source, AddOptions options) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void remove(ModelId id) {
            throw new UnsupportedOperationException();
        }

        @Override
        public String name() {
            return "memory";
        }

        @Override
        public List<ModelManifest> models() {
            return List.of();
        }

        @Override
        public ModelFile open(ModelId id) {
            throw new UnsupportedOperationException();
        }
    }
}
