// SPDX-License-Identifier: Apache-2.0
package io.edgewright.isolation;

import io.edgewright.api.config.DurableFiles;
import io.edgewright.api.isolation.EngineSpec;
import io.edgewright.api.model.ModelFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.TreeMap;
import java.util.zip.CRC32C;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What became of models that were tried, one small file each. Thread-safe. */
final class Verdicts {

    /** The verdict of a model that did no harm. */
    static final String PASSED = "passed";

    private static final Logger LOG = LoggerFactory.getLogger(Verdicts.class);
    private static final int CHUNK = 1 << 16;
    private static final String END = "\n";

    private final Path folder;

    Verdicts(Path folder) {
        this.folder = folder;
    }

    /**
     * {@return the name of a verdict: equal only if the files are, and the engine, and the device}
     *
     * @throws IOException if the model's file cannot be read
     */
    static String key(EngineSpec engine, ModelFile model, String device) throws IOException {
        String facts = String.join(
                "\n",
                engine.type().getName(),
                engine.fingerprint(),
                device,
                model.manifest().digest(),
                new TreeMap<>(model.manifest().files()).toString(),
                Long.toHexString(Uninterrupted.call(() -> checksum(model.path()))));
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(facts.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(hash, 0, 16);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /** {@return what was found; empty if nothing is known} */
    String find(String key) {
        Path verdict = folder.resolve(key);
        try {
            String text = Files.isRegularFile(verdict) ? Files.readString(verdict, StandardCharsets.UTF_8) : "";
            return text.endsWith(END) ? text.strip() : ""; // half of one would refuse the model for good
        } catch (IOException e) {
            LOG.warn("Verdict {} cannot be read, the model is tried again: {}", verdict, e.toString());
            return "";
        }
    }

    void keep(String key, String text) {
        Path verdict = folder.resolve(key);
        try {
            DurableFiles.write(verdict, (text + END).getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            LOG.warn("Verdict {} cannot be kept, the model is tried again next time: {}", verdict, e.toString());
        }
    }

    /** The digest is what a store once found; this tells a file that was changed since. */
    private static long checksum(Path file) throws IOException {
        var crc = new CRC32C();
        try (FileChannel channel = FileChannel.open(file)) {
            ByteBuffer chunk = ByteBuffer.allocateDirect(CHUNK);
            while (channel.read(chunk) >= 0) {
                crc.update(chunk.flip());
                chunk.clear();
            }
        }
        return crc.getValue();
    }
}
