// SPDX-License-Identifier: Apache-2.0
package io.edgewright.it.kura.emulation;

import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/** The last snapshot, in a file: settings by kura.service.pid. */
final class Snapshots {

    private final Path file;

    Snapshots(Path file) {
        this.file = file;
    }

    @SuppressWarnings("unchecked")
    Map<String, HashMap<String, Object>> load() throws IOException {
        if (!Files.exists(file)) {
            return new TreeMap<>();
        }
        try (var in = new ObjectInputStream(Files.newInputStream(file))) {
            return (Map<String, HashMap<String, Object>>) in.readObject();
        } catch (ClassNotFoundException e) {
            throw new IOException(e);
        }
    }

    void save(Map<String, HashMap<String, Object>> configurations) throws IOException {
        Files.createDirectories(file.getParent());
        try (var out = new ObjectOutputStream(Files.newOutputStream(file))) {
            out.writeObject(new TreeMap<>(configurations));
        }
    }
}
