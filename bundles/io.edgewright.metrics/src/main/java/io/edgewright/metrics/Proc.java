// SPDX-License-Identifier: Apache-2.0
package io.edgewright.metrics;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;

/**
 * What Linux says about this process and its memory (man 5 proc, Documentation/admin-guide/cgroup-v2.rst). Everything is
 * empty on systems that do not have these files.
 */
final class Proc {

    private static final long KIB = 1024;

    private final Path root;

    /** @param root {@code /}, or a folder with the same files in it */
    Proc(Path root) {
        this.root = root;
    }

    /** {@return memory of this process that is in RAM} */
    OptionalLong residentBytes() {
        return field("proc/self/status", "VmRSS:");
    }

    /** {@return address space of this process} */
    OptionalLong virtualBytes() {
        return field("proc/self/status", "VmSize:");
    }

    /** {@return memory that programs can still get without swapping} */
    OptionalLong availableBytes() {
        return field("proc/meminfo", "MemAvailable:");
    }

    /** {@return all memory of the machine} */
    OptionalLong totalBytes() {
        return field("proc/meminfo", "MemTotal:");
    }

    /** {@return the most memory that the container or service may use; empty if it may use all} */
    OptionalLong limitBytes() {
        String text = read("sys/fs/cgroup/memory.max").strip();
        return text.matches("\\d{1,18}") ? OptionalLong.of(Long.parseLong(text)) : OptionalLong.empty();
    }

    /** {@return open files and sockets of this process} */
    OptionalLong openFiles() {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(root.resolve("proc/self/fd"))) {
            long count = 0;
            for (Path ignored : files) {
                count++;
            }
            return OptionalLong.of(count);
        } catch (IOException e) {
            return OptionalLong.empty(); // not Linux
        }
    }

    /** {@return how many files and sockets this process may open} */
    OptionalLong maxFiles() {
        return read("proc/self/limits")
                .lines()
                .filter(line -> line.startsWith("Max open files"))
                .map(line -> line.substring("Max open files".length()).strip().split("\\s+")[0])
                .filter(number -> number.matches("\\d{1,18}"))
                .mapToLong(Long::parseLong)
                .findFirst();
    }

    private OptionalLong field(String file, String name) {
        return read(file)
                .lines()
                .filter(line -> line.startsWith(name))
                .map(line -> line.replaceAll("\\D", ""))
                .filter(number -> !number.isEmpty() && number.length() < 16)
                .mapToLong(number -> Long.parseLong(number) * KIB)
                .findFirst();
    }

    private String read(String file) {
        try {
            return Files.readString(root.resolve(file));
        } catch (IOException e) {
            return ""; // not Linux, or no control group of the second version
        }
    }
}
