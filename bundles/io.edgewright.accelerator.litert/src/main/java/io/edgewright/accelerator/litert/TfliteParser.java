// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.litert;

import io.edgewright.accelerator.litert.FlatBuffer.Table;
import io.edgewright.accelerator.litert.FlatBuffer.Vector;
import io.edgewright.accelerator.litert.TfliteModel.Port;
import io.edgewright.accelerator.litert.TfliteModel.Quantization;
import io.edgewright.api.tensor.TensorSpec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Reads and checks a TensorFlow Lite file as a whole, because the native library believes every number in it. The numbers of
 * fields are those of TensorFlow's {@code schema.fbs}, version 3.
 */
final class TfliteParser {

    /** The most tables and elements looked at; large models have about a hundred thousand. */
    private static final long MOST_VISITS = 8_000_000;

    private static final long MOST_METADATA_VISITS = 100_000;

    private static final String INPUT = "input";
    private static final String OUTPUT = "output";
    private static final int CUSTOM = 32;
    private static final int MAX_RANK = 32;

    private final Table model;
    private final List<Table> buffers;

    private TfliteParser(Table model) throws MalformedException {
        this.model = model;
        this.buffers = model.tables(4);
    }

    /**
     * {@return what the file says}
     *
     * @throws MalformedException if it breaks a rule
     * @throws IOException if it cannot be read
     */
    static TfliteModel read(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            long size = channel.size();
            if (size > Integer.MAX_VALUE) {
                throw new MalformedException("it has " + size + " bytes, expected less than 2 GiB");
            }
            return parse(channel.map(FileChannel.MapMode.READ_ONLY, 0, size));
        }
    }

    /** {@return what these bytes say} */
    static TfliteModel parse(ByteBuffer content) throws MalformedException {
        return new TfliteParser(new FlatBuffer(content, MOST_VISITS).root("TFL3")).parse(content.limit());
    }

    private TfliteModel parse(int fileBytes) throws MalformedException {
        long version = model.intOf(0, 0) & 0xffff_ffffL;
        List<Table> subgraphs = model.tables(2);
        if (subgraphs.isEmpty()) {
            throw new MalformedException("it has no subgraph, expected 1 or more");
        }
        var checks = new TfliteChecks(buffers.size(), subgraphs.size(), fileBytes);
        checks.buffers(buffers);
        Set<String> customOps = new TreeSet<>();
        List<Table> codes = model.tables(1);
        for (Table code : codes) {
            String custom = code.text(1);
            if (Math.max(code.byteOf(0, 0), code.intOf(3, 0)) == CUSTOM) {
                customOps.add(custom);
            }
        }
        List<Port> inputs = new ArrayList<>();
        List<Port> outputs = new ArrayList<>();
        for (int i = 0; i < subgraphs.size(); i++) {
            Table subgraph = subgraphs.get(i);
            List<Table> tensors = subgraph.tables(0);
            checks.subgraph(subgraph, tensors, codes.size());
            if (i == 0) {
                inputs = ports(tensors, subgraph.vector(1, 4), INPUT);
                outputs = ports(tensors, subgraph.vector(2, 4), OUTPUT);
            }
        }
        if (outputs.isEmpty()) {
            throw new MalformedException("it has no output, expected 1 or more");
        }
        checks.signatures(model);
        return new TfliteModel(version, model.text(3), inputs, outputs, customOps, metadata());
    }

    private static List<Port> ports(List<Table> tensors, Vector indices, String word) throws MalformedException {
        List<Port> ports = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (long index : indices.integers()) {
            if (index < 0 || index >= tensors.size()) {
                throw new MalformedException(
                        "%s %d is tensor %d, expected one of %d".formatted(word, ports.size(), index, tensors.size()));
            }
            Port port = port(tensors.get((int) index), word + ports.size(), word.equals(OUTPUT));
            String name = port.name();
            while (!names.add(name)) { // names are no identifiers there
                name = port.name() + ":" + ports.size();
            }
            ports.add(new Port(name, port.type(), port.shape(), port.quantization()));
        }
        return ports;
    }

    private static Port port(Table tensor, String fallbackName, boolean output) throws MalformedException {
        String name = tensor.text(3).strip();
        List<Long> shape = tensor.vector(0, 4).integers();
        List<Long> signature = tensor.vector(7, 4).integers();
        List<Long> open = signature.size() == shape.size() ? signature : shape;
        if (open.size() > MAX_RANK || open.stream().anyMatch(d -> d < -1)) {
            throw new MalformedException(
                    "tensor '%s' has the shape %s, expected up to %d sizes of 0 or more, -1 for open"
                            .formatted(name, open, MAX_RANK));
        }
        Optional<Table> quantization = tensor.table(4);
        // without a rank, the shape of a result is what its operator will find out; older files never say has_rank
        boolean rankless = output && open.isEmpty() && tensor.byteOf(8, 0) == 0;
        return new Port(
                name.isEmpty() ? fallbackName : name,
                tensor.byteOf(1, 0),
                rankless ? TensorSpec.ANY_SHAPE : open,
                quantization.isPresent() ? quantization(quantization.get()) : Optional.empty());
    }

    private static Optional<Quantization> quantization(Table table) throws MalformedException {
        Vector scale = table.vector(2, 4);
        Vector zeroPoint = table.vector(3, 8);
        if (scale.size() != 1 || zeroPoint.size() > 1) {
            return Optional.empty(); // none, or one a channel
        }
        long zero = zeroPoint.size() == 0 ? 0 : zeroPoint.integers().get(0);
        float factor = scale.floats()[0];
        return factor > 0 && Float.isFinite(factor) ? Optional.of(new Quantization(factor, zero)) : Optional.empty();
    }

    private Optional<FlatBuffer> metadata() throws MalformedException {
        for (Table entry : model.tables(6)) {
            int buffer = entry.intOf(1, 0);
            if (buffer < 0 || buffer >= buffers.size()) {
                throw new MalformedException("metadata '%s' is buffer %d, expected one of %d"
                        .formatted(entry.text(0), buffer, buffers.size()));
            }
            if (entry.text(0).equals("TFLITE_METADATA")) {
                return Optional.of(
                        new FlatBuffer(buffers.get(buffer).vector(0, 1).bytes(), MOST_METADATA_VISITS));
            }
        }
        return Optional.empty();
    }
}
