// SPDX-License-Identifier: Apache-2.0
package io.edgewright.store.local;

import io.edgewright.api.config.DurableFiles;
import io.edgewright.api.model.ModelException;
import io.edgewright.api.model.ModelException.Reason;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Files under the names of their digests. A file that is there is whole; nothing ever writes into it. */
final class Blobs {

    private record Seen(long sizeBytes, FileTime modified) {
        boolean looksLike(@Nullable Seen other) {
            return other != null && sizeBytes == other.sizeBytes && modified.equals(other.modified);
        }
    }

    private final Path folder;

    /** What each file looked like when its digest was last computed and right. */
    private final Map<String, Seen> verified = new ConcurrentHashMap<>();

    Blobs(Path folder) {
        this.folder = folder;
    }

    /** Makes the folders, so that they too are there after a power cut. */
    void create() throws IOException {
        DurableFiles.temporaryFor(folder);
        DurableFiles.temporaryFor(folder.resolve("any"));
    }

    /** Moves a file in. One that is already there is replaced, which heals it if it was damaged. */
    void publish(Staging.Copied copied) throws IOException {
        Path target = path(copied.digest());
        DurableFiles.publish(copied.path(), target);
        if (Files.getFileStore(target).supportsFileAttributeView("posix")) {
            Files.setPosixFilePermissions(target, PosixFilePermissions.fromString("r--r--r--"));
        }
        verified.put(copied.digest(), seen(target));
    }

    /** {@return true if the file is there and, where its size is known, has that size} */
    boolean looksWhole(String digest, long sizeBytes) throws IOException {
        try {
            long size = Files.size(path(digest));
            return sizeBytes < 0 || size == sizeBytes;
        } catch (NoSuchFileException e) {
            return false;
        }
    }

    /** Makes the file appear under another name, for as long as that name lives. */
    void link(String digest, Path target) throws IOException {
        Path parent = target.getParent();
        if (parent != null) {
            Files.createDirectories(parent);
        }
        try {
            Files.createLink(target, path(digest));
        } catch (NoSuchFileException e) {
            throw e;
        } catch (UnsupportedOperationException | FileSystemException e) {
            Files.copy(path(digest), target); // FAT and some network file systems have no links
        }
    }

    /**
     * Computes the digest of a file that {@link #link} made, unless it still looks as it did when it was last right.
     *
     * @throws ModelException with {@code DIGEST_MISMATCH}
     */
    void verify(String digest, Path link, boolean always) throws IOException, ModelException {
        Seen before = seen(link);
        if (!always && before.looksLike(verified.get(digest))) {
            return;
        }
        String found = Staging.digest(link);
        if (!found.equals(digest)) {
            verified.remove(digest);
            throw new ModelException(
                    Reason.DIGEST_MISMATCH,
                    "'%s' on disk has digest %s, expected %s: the disk is damaged; add the model again"
                            .formatted(link.getFileName(), found, digest),
                    null);
        }
        verified.put(digest, before);
    }

    /** Deletes the files that nothing needs any more. */
    void deleteAllBut(Set<String> needed) throws IOException {
        DurableFiles.deleteLeftovers(folder);
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                String digest = String.valueOf(file.getFileName());
                if (!needed.contains(digest)) {
                    delete(digest);
                }
            }
        }
    }

    void delete(String digest) throws IOException {
        verified.remove(digest);
        DurableFiles.delete(path(digest));
    }

    private Path path(String digest) {
        return folder.resolve(digest);
    }

    private static Seen seen(Path file) throws IOException {
        BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
        return new Seen(attributes.size(), attributes.lastModifiedTime());
    }
}
