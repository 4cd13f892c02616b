// SPDX-License-Identifier: Apache-2.0
package io.edgewright.store.local;

import io.edgewright.api.model.ModelException;
import io.edgewright.api.model.ModelException.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;

/** The folder where one package is put together before anything of it is in the store. Deleted when closed. */
final class Staging implements AutoCloseable {

    private static final long CHECK_DISK_EVERY = 8L << 20;

    /**
     * A file that was copied.
     *
     * @param path where it lies now
     * @param digest its SHA-256
     * @param sizeBytes its size
     */
    record Copied(Path path, String digest, long sizeBytes) {}

    private final Path folder;
    private final Limits limits;
    private final Map<String, Copied> files = new HashMap<>();
    private long bytes;

    Staging(Path parent, Limits limits) throws IOException {
        this.folder = parent.resolve(UUID.randomUUID().toString());
        this.limits = limits;
        Files.createDirectories(root());
    }

    /** {@return the folder with the package's files} */
    Path root() {
        return folder.resolve("content");
    }

    /** {@return the package's files: relative path with {@code /} to what was copied} */
    Map<String, Copied> files() {
        return files;
    }

    /** {@return the file of the package} */
    Copied copied(String path) throws ModelException {
        Copied copied = files.get(path);
        if (copied == null) {
            throw new ModelException(
                    Reason.INVALID_MODEL, "the package has no '" + path + "', only " + shown(files.keySet()), null);
        }
        return copied;
    }

    /** {@return some of the paths, for a message} */
    static String shown(Set<String> paths) {
        List<String> some = paths.stream().sorted().limit(10).toList();
        return some + (paths.size() > some.size() ? " and " + (paths.size() - some.size()) + " more" : "");
    }

    /** Copies what arrives to a file beside the package. */
    Copied upload(InputStream content) throws IOException, ModelException {
        return copy(content, folder.resolve("upload"), 0, true);
    }

    /** Makes a file that {@link #upload} wrote part of the package. */
    void take(Copied upload, String path) throws IOException {
        Path target = root().resolve(path);
        Files.move(upload.path(), target);
        files.put(path, new Copied(target, upload.digest(), upload.sizeBytes()));
        bytes += upload.sizeBytes();
    }

    /** Copies a file into the package. */
    Copied add(String path, InputStream content) throws IOException, ModelException {
        check(path);
        if (files.size() >= Limits.FILES) {
            throw new ModelException(Reason.TOO_LARGE, "the package has more than " + Limits.FILES + " files", null);
        }
        Path target = root().resolve(path);
        Path parent = target.getParent();
        if (parent != null) {
            Files.createDirectories(parent);
        }
        Copied copied = copy(content, target, bytes, false);
        bytes += copied.sizeBytes();
        files.put(path, copied);
        return copied;
    }

    /** Copies a folder into the package, without hidden files. Links are refused: they could lead anywhere. */
    void addFolder(Path source) throws IOException, ModelException {
        List<Path> found;
        try (Stream<Path> walk = Files.walk(source)) {
            found = walk.filter(p -> !p.equals(source)).limit(4L * Limits.FILES).toList();
        }
        for (Path file : found) {
            String path = source.relativize(file).toString().replace('\\', '/');
            if (Files.isSymbolicLink(file)) {
                throw new ModelException(Reason.INVALID_MODEL, "'" + path + "' is a symbolic link", null);
            }
            if (Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS) && !isHidden(path)) {
                try (InputStream in = Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS)) {
                    add(path, in);
                }
            }
        }
    }

    /** Makes the only folder at the top the package itself: many zip files hold one folder. */
    void unwrap() {
        String first = files.keySet().stream().findFirst().orElse("");
        String prefix = first.substring(0, first.indexOf('/') + 1);
        if (!prefix.isEmpty() && files.keySet().stream().allMatch(p -> p.startsWith(prefix))) {
            Map<String, Copied> inner = new HashMap<>();
            files.forEach((path, copied) -> inner.put(path.substring(prefix.length()), copied));
            files.clear();
            files.putAll(inner);
        }
    }

    /** Forces every file to disk, so that moving them later is quick. */
    void force() throws IOException {
        for (Copied copied : files.values()) {
            try (FileChannel channel = FileChannel.open(copied.path(), StandardOpenOption.WRITE)) {
                channel.force(true);
            }
        }
    }

    @Override
    public void close() throws IOException {
        deleteTree(folder);
    }

    static void check(String path) throws ModelException {
        boolean outside = path.isBlank()
                || path.startsWith("/")
                || path.length() > 1000
                || path.chars().anyMatch(c -> c < ' ' || c == '\\' || c == ':')
                || Stream.of(path.split("/", -1)).anyMatch(p -> p.isEmpty() || p.equals(".") || p.equals(".."));
        if (outside) {
            throw new ModelException(
                    Reason.INVALID_MODEL,
                    "'" + path + "' leaves the package, expected a relative path like data/weights.bin",
                    null);
        }
    }

    /** {@return true for what desktops leave in folders and zip files} */
    static boolean isHidden(String path) {
        return path.startsWith(".") || path.contains("/.") || path.startsWith("__MACOSX/");
    }

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    static String digest(Path file) throws IOException {
        MessageDigest sha256 = sha256();
        ByteBuffer buffer = ByteBuffer.allocateDirect(1 << 17);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            while (channel.read(buffer) >= 0) {
                sha256.update(buffer.flip());
                buffer.clear();
            }
        }
        return HexFormat.of().formatHex(sha256.digest());
    }

    static void deleteTree(Path folder) throws IOException {
        if (!Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        List<Path> all;
        try (Stream<Path> walk = Files.walk(folder)) {
            all = walk.sorted((a, b) -> b.compareTo(a)).toList();
        }
        for (Path path : all) {
            Files.deleteIfExists(path);
        }
    }

    private Copied copy(InputStream in, Path target, long before, boolean remote) throws IOException, ModelException {
        MessageDigest sha256 = sha256();
        byte[] chunk = new byte[1 << 16];
        long size = 0;
        long nextCheck = 0;
        try (FileChannel channel = FileChannel.open(target, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
                OutputStream out = Channels.newOutputStream(channel)) {
            for (int read = read(in, chunk, size, remote); read >= 0; read = read(in, chunk, size, remote)) {
                size += read;
                if (before + size > limits.modelBytes()) {
                    throw new ModelException(
                            Reason.TOO_LARGE,
                            "the model has more than %d MiB, the limit (max.model.mib)"
                                    .formatted(limits.modelBytes() >> 20),
                            null);
                }
                if (size >= nextCheck) {
                    checkDisk();
                    nextCheck = size + CHECK_DISK_EVERY;
                }
                sha256.update(chunk, 0, read);
                out.write(chunk, 0, read);
            }
        }
        return new Copied(target, HexFormat.of().formatHex(sha256.digest()), size);
    }

    private static int read(InputStream in, byte[] chunk, long soFar, boolean remote)
            throws IOException, ModelException {
        try {
            return in.read(chunk);
        } catch (IOException e) {
            if (!remote) {
                throw e;
            }
            throw new ModelException(Reason.INVALID_MODEL, "the content broke off after " + soFar + " bytes: " + e, e);
        }
    }

    private void checkDisk() throws IOException, ModelException {
        long usable = Files.getFileStore(folder).getUsableSpace();
        if (usable < limits.freeBytes()) {
            throw new ModelException(
                    Reason.STORAGE,
                    "the disk of '%s' has %d MiB free, expected at least %d MiB (min.free.mib): remove models or data"
                            .formatted(folder.getParent(), usable >> 20, limits.freeBytes() >> 20),
                    null);
        }
    }
}
