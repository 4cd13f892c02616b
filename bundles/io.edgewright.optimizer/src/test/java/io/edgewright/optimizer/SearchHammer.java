// SPDX-License-Identifier: Apache-2.0
package io.edgewright.optimizer;

import io.edgewright.api.optimize.Optimization;
import io.edgewright.api.optimize.OptimizationPass.Stage;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * Searches for the best pipeline until it is killed, and says on its standard output what it does: {@code applying NAME}, and
 * {@code done KEY} at the end. Run with the home folder.
 */
final class SearchHammer {

    private SearchHammer() {}

    public static void main(String[] arguments) throws IOException {
        var out = new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
        try (var desk = new Desk(
                Path.of(arguments[0]),
                new TextModel(100, 0, 1000),
                pass(out, "clean", Stage.GRAPH, 0.9, 0),
                pass(out, "fold", Stage.GRAPH, 0.9, 0),
                pass(out, "half", Stage.PRECISION, 0.5, 0.01),
                pass(out, "quarter", Stage.PRECISION, 0.25, 2),
                pass(out, "third", Stage.PRECISION, 0.4, 0.02),
                pass(out, "prune", Stage.STRUCTURE, 0.5, 2),
                pass(out, "trim", Stage.STRUCTURE, 0.7, 2),
                new TextPass("heal", Stage.TRAINING, (m, c) -> {
                    out.println("applying heal");
                    return new TextModel(m.micros(), 0.01, m.padding());
                }))) {
            out.println("ready");
            Optimization done = desk.run("auto");
            out.println(
                    "done " + done.chosen() + " " + done.best().orElseThrow().pipeline());
        }
    }

    private static TextPass pass(PrintStream out, String name, Stage stage, double time, double error) {
        return new TextPass(name, stage, (m, c) -> {
            out.println("applying " + name);
            return new TextModel((int) (m.micros() * time), m.error() + error, m.padding());
        });
    }
}
