// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.cpu;

import io.edgewright.api.config.DurableFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Models that ONNX Runtime has optimized for this processor, as {@code <folder>/<key>/model.ort}, with a seal beside each
 * that tells a damaged file: mapped weights are used as they are, so nobody else would notice. Losing the folder costs
 * time only. Safe for concurrent use by several processes.
 */
final class VariantCache {

    private static final Logger LOG = LoggerFactory.getLogger(VariantCache.class);

    private static final String MODEL = "model.ort";
    private static final String SEAL = "seal";

    /** More variants than that are deleted. */
    static final int KEPT = 64;

    private final Path folder;

    /**
     * A cached variant.
     *
     * @param model the whole file, mapped
     * @param runTime what one run took when it was made; negative if it could not be measured
     */
    record Variant(MappedByteBuffer model, Duration runTime) {}

    VariantCache(Path folder) {
        this.folder = folder;
    }

    /** Deletes what a killed process left behind, and what was not used for longest. Nobody may be writing. */
    void sweep() throws IOException {
        for (Path variant : variants()) {
            DurableFiles.deleteLeftovers(variant);
            if (!Files.exists(variant.resolve(SEAL))) {
                delete(variant);
            }
        }
        deleteOld();
    }

    private List<Path> variants() throws IOException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> variants = Files.list(folder)) {
            return variants.filter(Files::isDirectory).toList();
        }
    }

    /** Deletes what was not used for longest. What is loaded stays mapped all the same. */
    private void deleteOld() throws IOException {
        Map<Path, FileTime> used = new HashMap<>();
        for (Path variant : variants()) {
            Path seal = variant.resolve(SEAL);
            if (Files.exists(seal)) { // else it is being made
                used.put(variant, Files.getLastModifiedTime(seal));
            }
        }
        Comparator<Map.Entry<Path, FileTime>> latestFirst =
                Map.Entry.<Path, FileTime>comparingByValue().reversed();
        for (var old : used.entrySet().stream().sorted(latestFirst).skip(KEPT).toList()) {
            LOG.info("Optimized model {} was not used for long and is deleted", old.getKey());
            delete(old.getKey());
        }
    }

    private static void delete(Path variant) throws IOException {
        Files.deleteIfExists(variant.resolve(MODEL));
        Files.deleteIfExists(variant.resolve(SEAL));
        Files.deleteIfExists(variant);
    }

    /** {@return the name of a variant: equal only if everything is equal that the optimized model depends on} */
    static String key(String digest, OnnxOutline outline, String ortVersion, String cpuFeatures) {
        String facts = String.join(
                "\n",
                digest,
                Long.toString(outline.sizeBytes()),
                Long.toHexString(outline.checksum()),
                ortVersion,
                cpuFeatures,
                "optimization=all");
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(facts.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(hash, 0, 16);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /** {@return the variant, if there is one and it is whole; a damaged one is deleted} */
    Optional<Variant> find(String key) {
        Path model = folder.resolve(key).resolve(MODEL);
        if (!Files.isRegularFile(model)) {
            return Optional.empty();
        }
        try {
            String[] seal = Files.readString(folder.resolve(key).resolve(SEAL)).split(" ");
            MappedByteBuffer bytes = map(model);
            if (seal.length == 3
                    && seal[0].equals(Long.toString(bytes.limit()))
                    && seal[1].equals(Long.toHexString(checksum(bytes)))
                    && seal[2].matches("-?[0-9]{1,18}")) {
                markUsed(key);
                return Optional.of(new Variant(bytes, Duration.ofNanos(Long.parseLong(seal[2]))));
            }
            LOG.warn("Optimized model {} is damaged; it is made again", model);
        } catch (IOException e) {
            LOG.warn("Optimized model {} cannot be read and is made again: {}", model, e.toString());
        }
        drop(key);
        return Optional.empty();
    }

    /** {@return a name for ONNX Runtime to write to; give it to {@link #publish} or {@link #discard}} */
    Path temporary(String key) throws IOException {
        return DurableFiles.temporaryFor(folder.resolve(key).resolve(MODEL));
    }

    /** Seals a written variant and makes it the one of that key. */
    void publish(String key, Path temporary, Duration runTime) throws IOException {
        MappedByteBuffer bytes = map(temporary);
        String seal = bytes.limit() + " " + Long.toHexString(checksum(bytes)) + " " + runTime.toNanos();
        DurableFiles.write(folder.resolve(key).resolve(SEAL), seal.getBytes(StandardCharsets.UTF_8));
        DurableFiles.publish(temporary, folder.resolve(key).resolve(MODEL));
        try {
            deleteOld(); // a gateway runs for years: its start alone is no time for that
        } catch (IOException | UncheckedIOException e) {
            LOG.warn("Optimized models that were not used for long could not be deleted: {}", e.toString());
        }
    }

    void discard(Path temporary) {
        try {
            Files.deleteIfExists(temporary);
        } catch (IOException e) {
            LOG.warn("Temporary file {} cannot be deleted: {}", temporary, e.toString());
        }
    }

    void drop(String key) {
        try {
            DurableFiles.delete(folder.resolve(key).resolve(MODEL));
        } catch (IOException e) {
            LOG.warn("Optimized model {} cannot be deleted: {}", key, e.toString());
        }
    }

    private void markUsed(String key) {
        try {
            Files.setLastModifiedTime(folder.resolve(key).resolve(SEAL), FileTime.from(Instant.now()));
        } catch (IOException e) {
            LOG.debug("Optimized model {} may be deleted early", key, e);
        }
    }

    private static MappedByteBuffer map(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file)) {
            if (channel.size() == 0 || channel.size() > Integer.MAX_VALUE) {
                throw new IOException(file + " has " + channel.size() + " bytes, expected 1 byte to 2 GiB");
            }
            return channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size());
        }
    }

    private static long checksum(ByteBuffer bytes) {
        var crc = new CRC32C();
        crc.update(bytes.duplicate());
        return crc.getValue();
    }
}
