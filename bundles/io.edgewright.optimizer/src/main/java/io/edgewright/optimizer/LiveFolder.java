// SPDX-License-Identifier: Apache-2.0
package io.edgewright.optimizer;

import io.edgewright.api.config.DurableFiles;
import io.edgewright.api.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is kept of one deployment's inferences: {@code state.json}, and if the operator allows it {@code samples/<number>.npz}. Each
 * file is whole or absent, even after a power cut. What goes wrong is told once and kept as {@link #problem}. Not thread-safe.
 */
final class LiveFolder {

    private static final Logger LOG = LoggerFactory.getLogger(LiveFolder.class);
    private static final String SAMPLE = "[0-9]{1,18}\\.npz";

    private final Path folder;
    private final Path state;
    private final Path samples;
    private String problem = "";

    /** What can go wrong. */
    @FunctionalInterface
    private interface Work {
        void run() throws IOException;
    }

    LiveFolder(Path folder) {
        this.folder = folder;
        this.state = folder.resolve("state.json");
        this.samples = folder.resolve("samples");
    }

    /** {@return why something is not on disk; empty if all is} */
    String problem() {
        return problem;
    }

    /** {@return what a former process wrote; nothing if that is not whole, and then all of the folder is deleted} */
    Optional<LiveState> read() {
        try {
            DurableFiles.deleteLeftovers(folder);
            DurableFiles.deleteLeftovers(samples);
            return Optional.of(Json.read(state, LiveState.class));
        } catch (IOException e) {
            LOG.warn("what was seen before is forgotten: {}", e.toString());
            clear();
            return Optional.empty();
        }
    }

    void write(LiveState now) {
        attempt(() -> DurableFiles.write(state, Json.bytes(now)));
    }

    /** {@return the samples by number; those that are broken or beyond that many bytes are deleted} */
    NavigableMap<Long, Map<String, Tensor>> samples(long mostBytes) {
        NavigableMap<Long, Map<String, Tensor>> all = new TreeMap<>();
        long left = mostBytes;
        for (long number : numbers()) {
            try {
                Map<String, Tensor> inputs = NpzFile.read(file(number), left);
                long bytes = Live.bytes(inputs);
                if (bytes > left) {
                    throw new IOException("it is beyond the " + mostBytes + " bytes that may be kept");
                }
                left -= bytes;
                all.put(number, inputs);
            } catch (IOException e) {
                LOG.warn("captured sample {} is forgotten: {}", file(number), e.toString());
                drop(number);
            }
        }
        return all;
    }

    /** Writes a sample, unless it is there. */
    void add(long number, Map<String, Tensor> inputs) {
        if (!Files.exists(file(number))) {
            attempt(() -> DurableFiles.write(file(number), NpzFile.bytes(inputs)));
        }
    }

    /** Deletes a sample; one that is back after a power cut is beyond what may be kept, and goes again. */
    void drop(long number) {
        try {
            Files.deleteIfExists(file(number));
        } catch (IOException e) {
            failed(e);
        }
    }

    /** Deletes all samples. */
    void dropSamples() {
        numbers().forEach(this::drop);
        delete(samples);
    }

    /** Deletes everything. */
    void clear() {
        dropSamples();
        delete(state);
        delete(folder);
    }

    private List<Long> numbers() {
        if (!Files.isDirectory(samples)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(samples)) {
            return files.map(f -> String.valueOf(f.getFileName()))
                    .filter(f -> f.matches(SAMPLE))
                    .map(f -> Long.parseLong(f.substring(0, f.indexOf('.'))))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            failed(e);
            return List.of();
        }
    }

    private Path file(long number) {
        return samples.resolve(number + ".npz");
    }

    private void delete(Path file) {
        try {
            DurableFiles.delete(file);
        } catch (IOException e) {
            failed(e);
        }
    }

    private void attempt(Work work) {
        try {
            work.run();
            problem = "";
        } catch (IOException e) {
            failed(e);
        }
    }

    private void failed(IOException e) {
        String now = folder + ": " + e;
        if (problem.isEmpty()) {
            LOG.warn("what is seen of a deployment cannot be kept: {}", now);
        }
        problem = now;
    }
}
