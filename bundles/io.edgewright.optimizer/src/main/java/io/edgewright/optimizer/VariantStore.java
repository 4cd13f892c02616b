// SPDX-License-Identifier: Apache-2.0
package io.edgewright.optimizer;

import io.edgewright.api.config.DurableFiles;
import io.edgewright.api.model.GoldenCase;
import io.edgewright.api.optimize.Measurement;
import io.edgewright.api.optimize.PassRecord;
import io.edgewright.api.optimize.PassStep;
import io.edgewright.api.optimize.Pipeline;
import io.edgewright.api.tensor.Tensor;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What passes made, on disk: {@code <folder>/<key>/} with the model file and {@code record.json}. A folder appears under its
 * name when all of it is there and forced, so that a killed process leaves whole ones only. Losing it costs time only.
 */
final class VariantStore {

    private static final Logger LOG = LoggerFactory.getLogger(VariantStore.class);

    /** The name of the model file in a step's folder. */
    static final String MODEL = "model.onnx";

    /** The name of the folder with an answer of the variant. */
    static final String GOLDEN = "golden";

    private static final String RECORD = "record.json";
    private static final String WORK = "work";
    private static final String UNFINISHED = "unfinished";
    private static final Duration KEPT = Duration.ofDays(7);
    private static final String KEY = "[0-9a-f]{32}";

    private final Path folder;

    /**
     * What is known about a variant.
     *
     * @param steps all of them, the last one being what this folder is about
     * @param refused why the last pass refused the model; empty if it did not
     * @param measurement {@link Measurement#NONE} before it was measured
     * @param load settings of the driver, of all steps
     */
    record Stored(List<PassRecord> steps, String refused, Measurement measurement, Map<String, String> load) {

        /** Copies. */
        Stored {
            steps = List.copyOf(steps);
            load = Map.copyOf(load);
        }

        Pipeline pipeline() {
            return Pipeline.of(steps.stream().map(PassRecord::step).toList());
        }

        Stored measured(Measurement now) {
            return new Stored(steps, refused, now, load);
        }
    }

    VariantStore(Path folder) {
        this.folder = folder;
    }

    /** Deletes what a killed process was working on, but for what passes go on from within a week. */
    void clean() throws IOException {
        deleteTree(folder.resolve(WORK));
        Path unfinished = folder.resolve(UNFINISHED);
        if (Files.isDirectory(unfinished)) {
            FileTime oldest = FileTime.from(Instant.now().minus(KEPT));
            try (Stream<Path> all = Files.list(unfinished)) {
                all.filter(kept -> used(kept).compareTo(oldest) < 0).toList().forEach(this::discard);
            }
        }
    }

    /**
     * {@return the folder for what a pass keeps while it makes a variant; as it was left if the work was broken off}
     *
     * @param key of the variant
     */
    Path unfinished(String key) throws IOException {
        return Files.createDirectories(folder.resolve(UNFINISHED).resolve(key));
    }

    /**
     * {@return the key of a variant: equal only if everything is equal that it depends on}
     *
     * @param origin model, calibration data and device
     * @param steps each with all its parameters
     * @param versions of the passes
     */
    static String key(String origin, List<PassStep> steps, List<String> versions) {
        return Digests.ofText(origin + "\n" + steps + "\n" + versions).substring(0, 32);
    }

    /** {@return the variant of that key, if it is there and whole; a broken one is deleted} */
    Optional<Stored> find(String key) {
        Path record = folder(key).resolve(RECORD);
        if (!Files.isRegularFile(record)) {
            return Optional.empty();
        }
        try {
            Stored stored = Json.read(record, Stored.class);
            String expected = stored.steps().get(stored.steps().size() - 1).outputDigest();
            if (stored.refused().isEmpty() && !Digests.of(model(key)).equals(expected)) {
                throw new IOException("the model file is not the one that was written");
            }
            DurableFiles.deleteLeftovers(folder(key));
            Files.setLastModifiedTime(folder(key), FileTime.from(Instant.now()));
            return Optional.of(stored);
        } catch (IOException | IndexOutOfBoundsException e) {
            LOG.warn("variant {} is damaged and is made again: {}", key, e.toString());
            drop(key);
            return Optional.empty();
        }
    }

    Path model(String key) {
        return folder(key).resolve(MODEL);
    }

    Path folder(String key) {
        if (!key.matches(KEY)) {
            throw new IllegalArgumentException("'" + key + "' is no key of a variant, expected 32 hexadecimal digits");
        }
        return folder.resolve(key);
    }

    /** Copies the files of a variant's model, and its record. */
    void copyModel(String key, Path target) throws IOException {
        Path from = folder(key);
        List<Path> files = new ArrayList<>(StepFile.files(from));
        files.add(from.resolve(RECORD));
        for (Path file : files) {
            Path copy = target.resolve(from.relativize(file));
            Files.createDirectories(copy.resolveSibling(""));
            Files.copy(file, copy, StandardCopyOption.REPLACE_EXISTING);
        }
    }

    /** {@return a new folder for work, on the same file system; deleted by {@link #discard} or at the next start} */
    Path newWork() throws IOException {
        return Files.createDirectories(
                folder.resolve(WORK).resolve(UUID.randomUUID().toString()));
    }

    void discard(Path work) {
        try {
            deleteTree(work);
        } catch (IOException e) {
            LOG.warn("{} cannot be deleted: {}", work, e.toString());
        }
    }

    /** Makes a folder of work the variant of that key. */
    void publish(String key, Path made, Stored stored) throws IOException {
        DurableFiles.write(made.resolve(RECORD), Json.bytes(stored));
        forceAll(made);
        try {
            Files.move(made, folder(key), StandardCopyOption.ATOMIC_MOVE);
        } catch (FileAlreadyExistsException | DirectoryNotEmptyException e) {
            LOG.debug("variant {} was made by somebody else meanwhile", key, e);
        }
        force(folder, StandardOpenOption.READ);
    }

    /** Adds what was measured. */
    void update(String key, Stored stored) throws IOException {
        DurableFiles.write(folder(key).resolve(RECORD), Json.bytes(stored));
    }

    /** Keeps an answer of the variant as its golden pair. */
    void keepAnswer(String key, Map<String, Tensor> inputs, Map<String, Tensor> outputs) throws IOException {
        Path golden = folder(key).resolve(GOLDEN);
        if (Files.exists(golden)) {
            return;
        }
        Path work = newWork();
        try {
            new GoldenCase("0", inputs, outputs).write(work.resolve(GOLDEN));
            forceAll(work);
            Files.move(work.resolve(GOLDEN), golden, StandardCopyOption.ATOMIC_MOVE);
            force(folder(key), StandardOpenOption.READ);
        } finally {
            discard(work);
        }
    }

    void drop(String key) {
        try {
            Path gone = newWork().resolve(key);
            Files.move(folder(key), gone, StandardCopyOption.ATOMIC_MOVE);
            discard(gone.resolveSibling(""));
        } catch (IOException e) {
            LOG.warn("variant {} cannot be deleted: {}", key, e.toString());
        }
    }

    /**
     * Deletes the variants not used for longest, until the others fit.
     *
     * @param mostBytes how many bytes all of them may have together
     * @param needed keys that stay
     */
    void sweep(long mostBytes, Set<String> needed) throws IOException {
        if (!Files.isDirectory(folder)) {
            return;
        }
        List<Path> latestFirst;
        try (Stream<Path> all = Files.list(folder)) {
            latestFirst = all.filter(f -> String.valueOf(f.getFileName()).matches(KEY))
                    .sorted(Comparator.comparing(VariantStore::used).reversed())
                    .toList();
        }
        long sum = 0;
        for (Path variant : latestFirst) {
            sum += StepFile.sizeBytes(variant);
            String key = String.valueOf(variant.getFileName());
            if (sum > mostBytes && !needed.contains(key)) {
                LOG.info("variant {} was not used for long and is deleted", key);
                drop(key);
            }
        }
    }

    private static FileTime used(Path folder) {
        try {
            return Files.getLastModifiedTime(folder);
        } catch (IOException e) {
            return FileTime.fromMillis(0);
        }
    }

    private static void forceAll(Path tree) throws IOException {
        try (Stream<Path> files = Files.walk(tree)) {
            for (Path file : files.toList()) {
                force(file, Files.isDirectory(file) ? StandardOpenOption.READ : StandardOpenOption.WRITE);
            }
        }
    }

    private static void force(Path file, StandardOpenOption how) throws IOException {
        try (FileChannel channel = FileChannel.open(file, how)) {
            channel.force(true);
        }
    }

    private static void deleteTree(Path tree) throws IOException {
        if (!Files.exists(tree)) {
            return;
        }
        List<Path> all;
        try (Stream<Path> files = Files.walk(tree)) {
            all = files.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path file : all) {
            Files.deleteIfExists(file);
        }
    }
}
