// SPDX-License-Identifier: Apache-2.0
package io.edgewright.optimizer;

import io.edgewright.api.config.DurableFiles;
import io.edgewright.api.optimize.Optimization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Requests on disk, one a file.
 *
 * @param folder where they are
 */
record RequestFiles(Path folder) {

    private static final Logger LOG = LoggerFactory.getLogger(RequestFiles.class);

    /** {@return what a former process left, the oldest first; a broken one is deleted} */
    List<Optimization> read() throws IOException {
        List<Optimization> all = new ArrayList<>();
        if (!Files.isDirectory(folder)) {
            return all;
        }
        DurableFiles.deleteLeftovers(folder);
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.filter(f -> f.toString().endsWith(".json")).toList()) {
                try {
                    all.add(Json.read(file, Optimization.class));
                } catch (IOException e) {
                    LOG.warn("a request is forgotten, as its file is broken: {}", e.toString());
                    DurableFiles.delete(file);
                }
            }
        }
        all.sort(Comparator.comparing(Optimization::since));
        return all;
    }

    void write(Optimization status) {
        try {
            DurableFiles.write(file(status.id()), Json.bytes(status));
        } catch (IOException e) {
            LOG.error("request {} cannot be written, so a restart would not know of it: {}", status.id(), e.toString());
        }
    }

    void delete(String id) {
        try {
            DurableFiles.delete(file(id));
        } catch (IOException e) {
            LOG.warn("request {} cannot be deleted: {}", id, e.toString());
        }
    }

    private Path file(String id) {
        return folder.resolve(id + ".json");
    }
}
