// SPDX-License-Identifier: Apache-2.0
package io.edgewright.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Memory of a process in RAM (Linux). */
final class Rss {

    private Rss() {}

    static double mib() throws IOException {
        return mib(Path.of("/proc/self/status"), "VmRSS:");
    }

    /** {@return the part that is not a mapped file} */
    static double anonymousMib() throws IOException {
        return mib(Path.of("/proc/self/status"), "RssAnon:");
    }

    static double mib(long pid) throws IOException {
        return mib(Path.of("/proc/" + pid + "/status"), "VmRSS:");
    }

    private static double mib(Path status, String field) throws IOException {
        return Files.readAllLines(status).stream()
                        .filter(line -> line.startsWith(field))
                        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                        .findFirst()
                        .orElseThrow(() -> new IOException(status + " has no " + field))
                / 1024.0;
    }
}
