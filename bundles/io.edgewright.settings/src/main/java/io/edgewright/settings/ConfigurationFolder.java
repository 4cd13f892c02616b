// SPDX-License-Identifier: Apache-2.0
package io.edgewright.settings;

import io.edgewright.api.config.DurableFiles;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Dictionary;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.apache.felix.cm.file.ConfigurationHandler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One file for each configuration, in Felix's own {@code .config} syntax so that people can read it. A change is on disk
 * when the call returns; a kill or power cut leaves the old file or the new one, whole.
 */
final class ConfigurationFolder {

    private static final Logger LOG = LoggerFactory.getLogger(ConfigurationFolder.class);
    private static final String EXTENSION = ".config";
    private static final String PID = "service.pid";
    private static final String FACTORY = "factory.pid"; // what Felix stores of a factory itself
    private static final String PLAIN = "-_.~";

    private final Path folder;

    /** Files that could not be read when they were last tried, and why. */
    private final Map<Path, String> leftOut = new ConcurrentHashMap<>();

    ConfigurationFolder(Path folder) throws IOException {
        this.folder = folder;
        Files.createDirectories(folder);
        DurableFiles.deleteLeftovers(folder);
    }

    boolean exists(String pid) {
        return Files.isRegularFile(file(pid));
    }

    Dictionary<String, Object> load(String pid) throws IOException {
        return read(file(pid));
    }

    /** {@return every configuration that can be read; one that cannot is left on disk and named in the log} */
    List<Dictionary<String, Object>> loadAll() throws IOException {
        List<Dictionary<String, Object>> all = new ArrayList<>();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file :
                    files.filter(ConfigurationFolder::isConfiguration).sorted().toList()) {
                try {
                    all.add(read(file));
                } catch (IOException e) {
                    LOG.error("Leaving out configuration {}, repair or delete it: {}", file, e.getMessage());
                }
            }
        }
        return all;
    }

    void store(String pid, Dictionary<String, ?> values) throws IOException {
        var content = new ByteArrayOutputStream();
        ConfigurationHandler.write(content, values);
        DurableFiles.write(file(pid), content.toByteArray());
        leftOut.remove(file(pid));
    }

    void delete(String pid) throws IOException {
        DurableFiles.delete(file(pid));
        leftOut.remove(file(pid));
    }

    /** {@return the files that are there and are left out, with what is wrong} */
    Map<Path, String> leftOut() {
        leftOut.keySet().removeIf(Files::notExists);
        return Map.copyOf(leftOut);
    }

    /** A PID may hold any character; bytes other than letters, digits and {@code -_.~} are percent-encoded. */
    static String fileName(String pid) {
        var name = new StringBuilder();
        for (byte b : pid.getBytes(StandardCharsets.UTF_8)) {
            boolean letter = (b >= 'a' && b <= 'z') || (b >= 'A' && b <= 'Z') || (b >= '0' && b <= '9');
            boolean plain = letter || (b > 0 && PLAIN.indexOf(b) >= 0 && !(b == '.' && name.isEmpty()));
            name.append(plain ? String.valueOf((char) b) : "%%%02X".formatted(b & 0xff));
        }
        return name + EXTENSION;
    }

    private Path file(String pid) {
        return folder.resolve(fileName(pid));
    }

    private static boolean isConfiguration(Path file) {
        return file.getFileName().toString().endsWith(EXTENSION)
                && !DurableFiles.isTemporary(file)
                && Files.isRegularFile(file);
    }

    /** Felix's reader is declared without element types; its keys are strings. */
    @SuppressWarnings("unchecked")
    private Dictionary<String, Object> read(Path file) throws IOException {
        try {
            byte[] content = Files.readAllBytes(file);
            var values = (Dictionary<String, Object>) ConfigurationHandler.read(new ByteArrayInputStream(content));
            if (!(values.get(PID) instanceof String) && !(values.get(FACTORY) instanceof String)) {
                throw new IOException("it has neither " + PID + " nor " + FACTORY);
            }
            leftOut.remove(file);
            return values;
        } catch (IOException | IllegalArgumentException | IndexOutOfBoundsException e) {
            leftOut.put(file, e.toString());
            throw new IOException(file + " is not a configuration file: " + e, e);
        }
    }
}
