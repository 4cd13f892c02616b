// SPDX-License-Identifier: Apache-2.0
package io.edgewright.testkit;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;

/** Finds the folder of real models and data that lies beside the project, where there is one. */
public final class TestData {

    private TestData() {}

    /**
     * {@return a file or folder of the test data; the test is skipped, and says so, where it is absent}
     *
     * @param path relative to the data folder, such as {@code classification/mnist-8.onnx}
     */
    public static Path require(String path) {
        String configured =
                System.getenv().getOrDefault("EDGEWRIGHT_TEST_DATA", System.getProperty("edgewright.test.data", ""));
        Path file = Path.of(configured).resolve(path).normalize();
        Assumptions.assumeTrue(
                !configured.isBlank() && Files.exists(file),
                () -> "skipped: no test data at " + file + " (set EDGEWRIGHT_TEST_DATA)");
        return file;
    }
}
