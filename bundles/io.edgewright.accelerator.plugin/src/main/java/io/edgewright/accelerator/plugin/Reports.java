// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.plugin;

import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.accelerator.LoadOptions;
import io.edgewright.api.accelerator.ModelSession;
import io.edgewright.api.config.DurableFiles;
import io.edgewright.api.isolation.EngineSpec;
import io.edgewright.api.isolation.Isolation;
import io.edgewright.api.model.ModelFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds out which part of a model a provider takes: by one run with ONNX Runtime's profiler on, in a process of its own
 * that does nothing else. A provider may hold on to a profiler that has ended: with OpenVINO's plug-in 1.8.1 every later
 * session of the same process may hang or fail. Answers are kept on disk, so that a model pays once. Thread-safe.
 */
final class Reports {

    private static final Logger LOG = LoggerFactory.getLogger(Reports.class);

    private final Path folder;
    private final EngineSpec spec;
    private final Isolation isolation;

    /**
     * @param folder where answers are kept
     * @param spec an engine whose settings ask for a report
     */
    Reports(Path folder, EngineSpec spec, Isolation isolation) {
        this.folder = folder;
        this.spec = spec;
        this.isolation = isolation;
    }

    /**
     * {@return facts for {@link ModelSession#facts}; one model at a time, so that no process sees two}
     *
     * @throws InferenceException with {@code MODEL_UNSUPPORTED} if the provider takes too little of the model
     */
    synchronized Map<String, String> of(ModelFile model, String device, LoadOptions options) throws InferenceException {
        Path file = folder.resolve(key(model, device, options));
        Map<String, String> known = read(file);
        if (!known.isEmpty()) {
            return known;
        }
        try (ModelSession session = isolation.open(spec, model, device, options)) {
            keep(file, session.facts());
            return session.facts();
        }
    }

    private String key(ModelFile model, String device, LoadOptions options) {
        String facts = String.join(
                "\n",
                model.manifest().digest(),
                device,
                options.goal().name(),
                Integer.toString(options.threads()),
                new TreeMap<>(options.properties()).toString(),
                new TreeMap<>(spec.settings()).toString());
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(facts.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(hash, 0, 16);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    private static Map<String, String> read(Path file) {
        try {
            return Files.isRegularFile(file)
                    ? Files.readAllLines(file, StandardCharsets.UTF_8).stream()
                            .filter(line -> line.indexOf('=') > 0)
                            .collect(Collectors.toMap(
                                    line -> line.substring(0, line.indexOf('=')),
                                    line -> line.substring(line.indexOf('=') + 1),
                                    (a, b) -> b))
                    : Map.of();
        } catch (IOException e) {
            LOG.warn("Report {} cannot be read and is made again: {}", file, e.toString());
            return Map.of();
        }
    }

    private static void keep(Path file, Map<String, String> facts) {
        String text = new TreeMap<>(facts)
                .entrySet().stream()
                        .map(e -> e.getKey() + "=" + e.getValue() + "\n")
                        .collect(Collectors.joining());
        try {
            DurableFiles.write(file, text.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            LOG.warn("Report {} cannot be kept, it is made again next time: {}", file, e.toString());
        }
    }
}
