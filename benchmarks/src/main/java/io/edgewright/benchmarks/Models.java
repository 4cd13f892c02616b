// SPDX-License-Identifier: Apache-2.0
package io.edgewright.benchmarks;

import io.edgewright.testkit.TestModels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Makes the models, in a process of its own: making them takes memory, which is measured later. */
final class Models {

    private static final int WIDTH = 3000;

    private Models() {}

    /**
     * Makes all models.
     *
     * @param arguments the build folder
     */
    public static void main(String[] arguments) throws IOException {
        Path target = Path.of(arguments[0]);
        for (Workload workload : Workload.values()) {
            workload.file(target.resolve("models"));
        }
        large(target, 1);
        large(target, 2);
    }

    /** {@return a model of 36 MB} */
    static Path large(Path target, int version) throws IOException {
        Path file = Files.createDirectories(target.resolve("models")).resolve("large-" + version + ".onnx");
        if (!Files.exists(file)) {
            Files.write(file, TestModels.perceptron(version, 1, WIDTH, WIDTH));
        }
        return file;
    }
}
