// SPDX-License-Identifier: Apache-2.0
package io.edgewright.packages;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** What native libraries are built for. */
enum Platform {
    X86_64("linux-x86-64", "x86-64", List.of("linux-x64", "linux-x86-64", "linux-x86_64")),
    AARCH64("linux-aarch64", "aarch64", List.of("linux-aarch64", "linux-arm64"));

    private final String label;
    private final String processor;
    private final List<String> folders;

    Platform(String label, String processor, List<String> folders) {
        this.label = label;
        this.processor = processor;
        this.folders = folders;
    }

    /** {@return the platform that a file in a bundle is for, by a folder of its path} */
    static Optional<Platform> of(String path) {
        List<String> parts = Arrays.asList(path.split("/"));
        return Arrays.stream(values())
                .filter(p -> p.folders.stream().anyMatch(parts::contains))
                .findFirst();
    }

    String label() {
        return label;
    }

    /** {@return what only a framework on this platform provides} */
    String requirement() {
        return "osgi.native;filter:=\"(&(osgi.native.osname~=linux)(osgi.native.processor~=" + processor + "))\"";
    }
}
