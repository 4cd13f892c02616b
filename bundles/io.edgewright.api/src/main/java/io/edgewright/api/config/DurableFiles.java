// SPDX-License-Identifier: Apache-2.0
package io.edgewright.api.config;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * Writes files so that after a power cut each is either the old one or the new one, whole. The order is: temporary name
 * in the same folder, force, atomic move, force the folder.
 */
public final class DurableFiles {

    private static final String TEMPORARY = ".tmp-";

    private DurableFiles() {}

    /**
     * Replaces or creates a file.
     *
     * @param target the file; its folder is created if it is absent
     * @param content all its bytes
     * @throws IOException if it could not be written; the old file is then untouched
     */
    public static void write(Path target, byte[] content) throws IOException {
        Path temporary = temporaryFor(target);
        try {
            try (FileChannel channel =
                    FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
                ByteBuffer buffer = ByteBuffer.wrap(content);
                while (buffer.hasRemaining()) {
                    channel.write(buffer);
                }
                channel.force(true);
            }
            move(temporary, target);
        } finally {
            Files.deleteIfExists(temporary);
        }
    }

    /**
     * Appends to a file and forces it. A cut in between can leave a part of the content at the end: readers of such a
     * file ignore a last record that is not whole.
     *
     * @param target the file; it and its folder are created if absent
     * @param content the bytes to add
     * @throws IOException if they could not be written
     */
    public static void append(Path target, byte[] content) throws IOException {
        createFolder(folderOf(target));
        try (FileChannel channel = FileChannel.open(target, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
            ByteBuffer buffer = ByteBuffer.wrap(content);
            while (buffer.hasRemaining()) {
                channel.write(buffer);
            }
            channel.force(true);
        }
    }

    /**
     * Names a temporary file beside the target, to be written, forced and given to {@link #publish}.
     *
     * @param target the final name; its folder is created if it is absent
     * @return a name that does not exist yet
     * @throws IOException if the folder could not be created
     */
    public static Path temporaryFor(Path target) throws IOException {
        Path folder = folderOf(target);
        createFolder(folder);
        return folder.resolve(TEMPORARY + UUID.randomUUID() + "-" + target.getFileName());
    }

    /**
     * Forces a file that was written under a temporary name and moves it to its final name atomically.
     *
     * @param temporary a file on the same file system
     * @param target the final name; replaced if present
     * @throws IOException if it could not be moved
     */
    public static void publish(Path temporary, Path target) throws IOException {
        try (FileChannel channel = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
            channel.force(true);
        }
        move(temporary, target);
    }

    /**
     * Deletes a file and forces its folder.
     *
     * @param target the file; absent is fine
     * @throws IOException if it could not be deleted
     */
    public static void delete(Path target) throws IOException {
        if (Files.deleteIfExists(target)) {
            forceFolder(folderOf(target));
        }
    }

    /**
     * Deletes what a killed process left behind under temporary names, in one folder.
     *
     * @param folder the folder; absent is fine
     * @throws IOException if it could not be listed or a file could not be deleted
     */
    public static void deleteLeftovers(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return;
        }
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.filter(DurableFiles::isTemporary).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }

    /**
     * {@return true if the name is one of {@link #temporaryFor}}
     *
     * @param file any path
     */
    public static boolean isTemporary(Path file) {
        Path name = file.getFileName();
        return name != null && name.toString().startsWith(TEMPORARY);
    }

    private static void move(Path from, Path to) throws IOException {
        Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        forceFolder(folderOf(to));
    }

    private static void createFolder(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            Path parent = folder.getParent();
            if (parent != null) {
                createFolder(parent);
            }
            Files.createDirectories(folder);
            if (parent != null) {
                forceFolder(parent);
            }
        }
    }

    private static Path folderOf(Path file) {
        Path folder = file.toAbsolutePath().getParent();
        if (folder == null) {
            throw new IllegalArgumentException("'" + file + "' has no folder, expected a file");
        }
        return folder;
    }

    private static void forceFolder(Path folder) throws IOException {
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }
}
