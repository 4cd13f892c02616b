// SPDX-License-Identifier: Apache-2.0
package io.edgewright.packages;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.jar.JarEntry;
import java.util.jar.JarInputStream;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What a bundle in a package says of itself. */
record PackedBundle(String name, Map<String, String> headers, List<String> files) {

    PackedBundle {
        headers = Map.copyOf(headers);
        files = List.copyOf(files);
    }

    static List<PackedBundle> in(Path deploymentPackage) throws IOException {
        List<PackedBundle> bundles = new ArrayList<>();
        try (var jar = new JarInputStream(Files.newInputStream(deploymentPackage))) {
            for (JarEntry entry = jar.getNextJarEntry(); entry != null; entry = jar.getNextJarEntry()) {
                if (entry.getName().endsWith(".jar")) {
                    bundles.add(read(entry.getName(), new JarInputStream(jar))); // closing it would close both
                }
            }
        }
        return bundles;
    }

    private static PackedBundle read(String name, JarInputStream jar) throws IOException {
        List<String> files = new ArrayList<>();
        for (JarEntry entry = jar.getNextJarEntry(); entry != null; entry = jar.getNextJarEntry()) {
            files.add(entry.getName());
        }
        return new PackedBundle(
                name,
                jar.getManifest().getMainAttributes().entrySet().stream()
                        .collect(Collectors.toMap(
                                e -> e.getKey().toString(), e -> e.getValue().toString())),
                files);
    }

    List<Clause> clauses(String header) {
        String value = headers.getOrDefault(header, "");
        return value.isEmpty()
                ? List.of()
                : Stream.of(split(value, ',')).map(Clause::parse).toList();
    }

    private static String[] split(String text, char separator) {
        return text.split(separator + "(?=(?:[^\"]*\"[^\"]*\")*[^\"]*$)");
    }

    /** One part of a header: a name, and attributes and directives by their names. */
    record Clause(String name, Map<String, String> parameters) {

        Clause {
            parameters = Map.copyOf(parameters);
        }

        static Clause parse(String text) {
            String[] parts = split(text, ';');
            return new Clause(
                    parts[0].strip(),
                    Stream.of(parts)
                            .skip(1)
                            .map(p -> p.split(":?=", 2))
                            .collect(Collectors.toMap(p -> p[0].strip(), p -> p[1].replace("\"", "")
                                    .strip())));
        }

        boolean optional() {
            return parameters.getOrDefault("resolution", "").equals("optional");
        }
    }
}
