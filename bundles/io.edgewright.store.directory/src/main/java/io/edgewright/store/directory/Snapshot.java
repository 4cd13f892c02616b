// SPDX-License-Identifier: Apache-2.0
package io.edgewright.store.directory;

import io.edgewright.api.model.GoldenCase;
import io.edgewright.api.model.ModelFile;
import io.edgewright.api.model.ModelManifest;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A model held open: a folder of its own, whatever happens to the watched one. */
final class Snapshot implements ModelFile {

    private static final Logger LOG = LoggerFactory.getLogger(Snapshot.class);
    private static final long MAX_GOLDEN_BYTES = 256L << 20;

    private final ModelManifest manifest;
    private final Path folder;
    private final AtomicBoolean closed = new AtomicBoolean();

    Snapshot(ModelManifest manifest, Path folder) {
        this.manifest = manifest;
        this.folder = folder;
    }

    @Override
    public ModelManifest manifest() {
        return manifest;
    }

    @Override
    public Path path() {
        return folder.resolve(manifest.file());
    }

    @Override
    public List<GoldenCase> goldenCases() throws IOException {
        return GoldenCase.readAll(folder.resolve("golden"), MAX_GOLDEN_BYTES);
    }

    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            try {
                Trees.delete(folder);
            } catch (IOException e) {
                LOG.warn("Could not delete {}; the next start will: {}", folder, e.toString());
            }
        }
    }
}
