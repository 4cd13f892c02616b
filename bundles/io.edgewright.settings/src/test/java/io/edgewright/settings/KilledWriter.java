// SPDX-License-Identifier: Apache-2.0
package io.edgewright.settings;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Hashtable;
import java.util.Map;

/** Stores one configuration again and again and tells each time, until it is killed. */
final class KilledWriter {

    private KilledWriter() {}

    public static void main(String[] arguments) throws IOException {
        var folder = new ConfigurationFolder(Path.of(arguments[0]));
        PrintStream acknowledgements = System.out;
        for (int i = 0; i < 1_000_000; i++) {
            folder.store(
                    "counter",
                    new Hashtable<>(Map.of("service.pid", "counter", "value", i, "filling", "x".repeat(10_000))));
            acknowledgements.println(i);
            acknowledgements.flush();
        }
    }
}
