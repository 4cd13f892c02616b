// SPDX-License-Identifier: Apache-2.0
package io.edgewright.isolation;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.UUID;
import java.util.regex.Pattern;

/**
 * Memory that two processes share: a file that both have mapped and that is deleted as soon as they have. Parts follow
 * each other in order, each on a multiple of 64 bytes, as vector instructions like it. The memory goes back to the system
 * when both have let go of the buffers.
 */
final class Region {

    private static final int ALIGNMENT = 64;
    private static final int CHUNK = 1 << 16;
    private static final Pattern NAME = Pattern.compile("[0-9a-f-]{36}");

    private final Path file;
    private final MappedByteBuffer memory;
    private final int[] offsets;
    private final int[] lengths;

    private Region(Path file, MappedByteBuffer memory, int[] offsets, int[] lengths) {
        this.file = file;
        this.memory = memory;
        this.offsets = offsets;
        this.lengths = lengths;
    }

    /**
     * Makes memory of zeros.
     *
     * @param folders where the file is made: in the first that has room; {@link #delete} deletes it
     * @param lengths the length of each part in bytes
     * @throws IOException if there is no room for it
     */
    static Region create(List<Path> folders, List<Long> lengths) throws IOException {
        int size = size(lengths);
        String name = UUID.randomUUID().toString();
        IOException failed = new IOException("there is no folder for it");
        for (Path folder : folders) {
            try {
                return Uninterrupted.call(() -> create(folder.resolve(name), lengths, size));
            } catch (IOException e) {
                failed = e; // such as a file system in memory that a container keeps small
            }
        }
        throw failed;
    }

    private static Region create(Path file, List<Long> lengths, int size) throws IOException {
        boolean whole = false;
        try (FileChannel channel = FileChannel.open(
                file, StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            // a file with holes would be made, and the process be killed when it touches memory that is not there
            ByteBuffer zeros = ByteBuffer.allocateDirect(Math.min(size, CHUNK));
            for (int left = size; left > 0; left -= zeros.limit()) {
                zeros.clear().limit(Math.min(left, CHUNK));
                while (zeros.hasRemaining()) {
                    channel.write(zeros);
                }
            }
            Region region = of(file, channel, lengths, size);
            whole = true;
            return region;
        } finally {
            if (!whole) {
                Files.deleteIfExists(file);
            }
        }
    }

    /**
     * Maps what the other process made.
     *
     * @param name of the file, in one of the folders
     * @throws IOException if the file is not there or has not the size that the lengths make
     */
    static Region map(List<Path> folders, String name, List<Long> lengths) throws IOException {
        if (!NAME.matcher(name).matches()) {
            throw new ProtocolException("'" + name + "' is no name of shared memory");
        }
        int size = size(lengths);
        for (Path folder : folders) {
            Path file = folder.resolve(name);
            if (Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
                return Uninterrupted.call(() -> map(file, lengths, size));
            }
        }
        throw new ProtocolException("there is no shared memory " + name + " in " + folders);
    }

    private static Region map(Path file, List<Long> lengths, int size) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            if (channel.size() != size) {
                throw new ProtocolException(file + " has " + channel.size() + " bytes, expected " + size);
            }
            return of(file, channel, lengths, size);
        }
    }

    /** {@return one part, direct, from position 0 to its length} */
    ByteBuffer part(int index) {
        return memory.slice(offsets[index], lengths[index]);
    }

    /** {@return the file's name within its folder} */
    String name() {
        return String.valueOf(file.getFileName());
    }

    /** Deletes the file; the memory stays as long as somebody has it mapped. */
    void delete() throws IOException {
        Files.deleteIfExists(file);
    }

    long bytes() {
        return memory.capacity();
    }

    private static Region of(Path file, FileChannel channel, List<Long> lengths, int size) throws IOException {
        int[] offsets = new int[lengths.size()];
        int[] sizes = new int[lengths.size()];
        int at = 0;
        for (int i = 0; i < offsets.length; i++) {
            offsets[i] = at;
            sizes[i] = lengths.get(i).intValue();
            at += aligned(sizes[i]);
        }
        return new Region(file, channel.map(FileChannel.MapMode.READ_WRITE, 0, size), offsets, sizes);
    }

    private static int size(List<Long> lengths) throws IOException {
        long size = ALIGNMENT; // a file of no bytes cannot be mapped
        for (long length : lengths) {
            if (length < 0 || length > Integer.MAX_VALUE - 2 * ALIGNMENT) {
                throw new ProtocolException(
                        "a tensor of " + length + " bytes cannot be shared, expected less than 2 GiB");
            }
            size += aligned((int) length);
        }
        if (size > Integer.MAX_VALUE) {
            throw new IOException("tensors of " + size + " bytes cannot be shared, expected less than 2 GiB");
        }
        return (int) size;
    }

    private static int aligned(int length) {
        return (length + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    }
}
