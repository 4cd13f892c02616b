// SPDX-License-Identifier: Apache-2.0
package io.edgewright.store.directory;

import io.edgewright.api.model.ModelId;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What a folder in Triton's layout, {@code <model>/<number>/model.onnx}, looks like at one moment. */
final class Layout {

    /** As Triton: a folder whose number begins with 0 is ignored; it would be the same version as one without. */
    private static final Pattern VERSION = Pattern.compile("[1-9][0-9]{0,8}");

    private static final int MAX_FILES = 10_000;

    /**
     * What tells that a file has changed.
     *
     * @param sizeBytes its size
     * @param modified when it was last written
     * @param key its inode where the file system has such: a file moved over another of the same size and time
     */
    record Look(long sizeBytes, FileTime modified, String key) {}

    private Layout() {}

    /** {@return the version folders, with what each of their files looks like; empty if the folder is not there} */
    static Map<ModelId, Map<String, Look>> look(Path root) throws IOException {
        Map<ModelId, Map<String, Look>> versions = new HashMap<>();
        for (Path model : folders(root)) {
            for (Path version : folders(model)) {
                String name = String.valueOf(model.getFileName());
                String number = String.valueOf(version.getFileName());
                if (!VERSION.matcher(number).matches() || !name.matches("[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}")) {
                    continue; // also hidden folders, which tools make while they copy
                }
                Map<String, Look> files = files(version);
                if (!files.isEmpty()) {
                    versions.put(ModelId.of(name, number), files);
                }
            }
        }
        return versions;
    }

    /** {@return the folder itself, the models' and the versions', and those within a version} */
    static Set<Path> allFolders(Path root) throws IOException {
        try (Stream<Path> walk = Files.walk(root, 3)) {
            return walk.filter(Files::isDirectory).limit(MAX_FILES).collect(Collectors.toSet());
        } catch (NoSuchFileException | UncheckedIOException e) {
            return Set.of(root); // something was removed while we looked: the watch on the root tells of it
        }
    }

    /** {@return the files of a version folder, relative paths with {@code /}; links are left out} */
    static Map<String, Look> files(Path version) throws IOException {
        Map<String, Look> looks = new TreeMap<>();
        List<Path> found;
        try (Stream<Path> walk = Files.walk(version)) {
            found = walk.limit(MAX_FILES).toList();
        } catch (NoSuchFileException | UncheckedIOException e) {
            return Map.of(); // removed while we looked
        }
        for (Path file : found) {
            String path = version.relativize(file).toString().replace('\\', '/');
            boolean hidden = path.startsWith(".") || path.contains("/.");
            if (!hidden && Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
                try {
                    BasicFileAttributes a = Files.readAttributes(file, BasicFileAttributes.class);
                    looks.put(path, new Look(a.size(), a.lastModifiedTime(), String.valueOf(a.fileKey())));
                } catch (NoSuchFileException e) {
                    return Map.of();
                }
            }
        }
        return looks;
    }

    private static List<Path> folders(Path parent) throws IOException {
        try (Stream<Path> children = Files.list(parent)) {
            return children.filter(Files::isDirectory).sorted().toList();
        } catch (NoSuchFileException | NotDirectoryException e) {
            return List.of();
        }
    }
}
