// SPDX-License-Identifier: Apache-2.0
package io.edgewright.onnx;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Edits a model in a process of its own, whose memory can be limited and looked at. */
final class EditMain {

    private EditMain() {}

    /**
     * @param args a model, where to write it, and where its weights go
     */
    public static void main(String[] args) throws IOException {
        try (OnnxModel model = OnnxModel.read(Path.of(args[0]))) {
            Graph graph = model.graph();
            Node last = graph.producer(graph.outputs().get(0).name()).orElseThrow();
            graph.add(new Node("Relu", List.of(last.output(0)), List.of("relu")));
            graph.setOutputs(List.of(ValueInfo.untyped("relu")));
            model.write(Path.of(args[1]), Storage.valueOf(args[2]));
        }
        Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith("VmHWM"))
                .forEach(System.out::println);
    }
}
