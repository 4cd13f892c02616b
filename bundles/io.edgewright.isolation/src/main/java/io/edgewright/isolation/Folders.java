// SPDX-License-Identifier: Apache-2.0
package io.edgewright.isolation;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import java.util.zip.CRC32C;

/**
 * Where processes work: {@code run/isolation/<this process>/<number>} below the home folder, and for shared memory
 * {@code /dev/shm/edgewright-<home>-<this process>-<number>} where the system has that. What a killed process left behind is deleted
 * by the next one of the same home. Thread-safe.
 */
final class Folders {

    /** A file system in memory, on Linux. */
    private static final Path MEMORY = Path.of("/dev/shm");

    private static final FileAttribute<?> PRIVATE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

    /** Of all services in this process, as two may have the same home. */
    private static final AtomicInteger NUMBERS = new AtomicInteger();

    private final Path run;
    private final Path memory;
    private final String memoryPrefix;

    /**
     * The folders of one child process.
     *
     * @param work its working folder
     * @param memory where shared memory is made; the same where there is no file system in memory
     */
    record Pair(Path work, Path memory) {

        /** {@return where shared memory may be, in order of preference} */
        List<Path> shared() {
            return memory.equals(work) ? List.of(work) : List.of(memory, work);
        }

        void delete() throws IOException {
            Folders.delete(memory);
            Folders.delete(work);
        }
    }

    Folders(Path home) {
        this(home, MEMORY);
    }

    Folders(Path home, Path memory) {
        this.run = runFolder(home);
        this.memoryPrefix = memoryPrefix(home);
        this.memory = memory;
    }

    /** {@return how names in the file system in memory begin, which several gateways may share} */
    static String memoryPrefix(Path home) {
        var crc = new CRC32C();
        crc.update(runFolder(home).toString().getBytes(StandardCharsets.UTF_8));
        return "edgewright-" + HexFormat.of().toHexDigits((int) crc.getValue()) + "-";
    }

    /** Deletes what a killed process of the same home left behind. */
    void deleteLeftovers() throws IOException {
        if (Files.isDirectory(run)) {
            try (Stream<Path> folders = Files.list(run)) {
                for (Path folder : folders.filter(f -> !f.endsWith(process())).toList()) {
                    delete(folder);
                }
            }
        }
        String ours = memoryPrefix + process() + "-";
        for (Path folder : inMemory(memoryPrefix)) {
            if (!String.valueOf(folder.getFileName()).startsWith(ours)) {
                delete(folder);
            }
        }
    }

    /** {@return this process's own folder, for what its children share} */
    Path shared() throws IOException {
        return Files.createDirectories(run.resolve(process()));
    }

    /** Makes the folders of another child. */
    Pair next() throws IOException {
        String number = Integer.toString(NUMBERS.incrementAndGet());
        Path work = Files.createDirectory(shared().resolve(number), PRIVATE);
        if (!Files.isDirectory(memory) || !Files.isWritable(memory)) {
            return new Pair(work, work);
        }
        Path shared = memory.resolve(memoryPrefix + process() + "-" + number);
        return new Pair(work, Files.createDirectory(shared, PRIVATE));
    }

    /** Deletes what is left of this process. */
    void delete() throws IOException {
        for (Path folder : inMemory(memoryPrefix + process() + "-")) {
            delete(folder);
        }
        delete(run.resolve(process()));
    }

    private List<Path> inMemory(String prefix) throws IOException {
        if (!Files.isDirectory(memory)) {
            return List.of();
        }
        try (Stream<Path> folders = Files.list(memory)) {
            return folders.filter(f -> String.valueOf(f.getFileName()).startsWith(prefix))
                    .toList();
        }
    }

    /** The number alone comes again after a restart, in a container even always. */
    private static String process() {
        ProcessHandle process = ProcessHandle.current();
        long start = process.info().startInstant().map(Instant::toEpochMilli).orElse(0L);
        return process.pid() + "-" + start;
    }

    private static Path runFolder(Path home) {
        return home.toAbsolutePath().resolve("run").resolve("isolation");
    }

    private static void delete(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }
}
