// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.litert;

import io.edgewright.accelerator.litert.FlatBuffer.Table;
import io.edgewright.accelerator.litert.FlatBuffer.Vector;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Checks the parts of a model that nobody here needs, as the native library reads them unchecked. */
final class TfliteChecks {

    /** No tensor: an operator's optional input that is left out. */
    private static final long NONE = -1;

    /** By the number of the union BuiltinOptions: which fields are vectors, and of how many bytes an element; 0 is a text. */
    private static final Map<Integer, int[][]> OPTION_VECTORS = Map.of(
            3, new int[][] {{1, 4}, {2, 4}}, // ConcatEmbeddings
            17, new int[][] {{0, 4}}, // Reshape
            30, new int[][] {{0, 4}}, // Squeeze
            111, new int[][] {{0, 0}, {1, 0}}, // VarHandle
            115, new int[][] {{0, 4}}); // Bucketize

    /** The same for BuiltinOptions2, the operators of StableHLO. */
    private static final Map<Integer, int[][]> OPTION_VECTORS_2 = Map.ofEntries(
            Map.entry(2, new int[][] {{0, 8}}),
            Map.entry(3, new int[][] {{0, 8}, {1, 8}, {2, 8}}),
            Map.entry(4, new int[][] {{0, 8}, {1, 8}, {2, 8}, {3, 8}, {4, 1}, {7, 8}, {10, 8}, {13, 8}, {16, 4}}),
            Map.entry(5, new int[][] {{0, 0}, {2, 0}, {4, 4}, {5, 1}}),
            Map.entry(6, new int[][] {{0, 8}}),
            Map.entry(7, new int[][] {{1, 8}, {2, 8}, {3, 8}}),
            Map.entry(9, new int[][] {{0, 8}}),
            Map.entry(10, new int[][] {{0, 8}, {1, 8}, {2, 8}}),
            Map.entry(12, new int[][] {{0, 8}, {1, 8}, {2, 8}, {3, 8}, {4, 4}}),
            Map.entry(13, new int[][] {{0, 8}, {1, 8}, {2, 8}, {3, 8}, {4, 8}}),
            Map.entry(16, new int[][] {{0, 8}, {1, 8}, {2, 8}, {4, 8}}),
            Map.entry(17, new int[][] {{0, 8}}),
            Map.entry(21, new int[][] {{0, 0}, {2, 1}}));

    private final int buffers;
    private final int subgraphs;
    private final long fileBytes;

    TfliteChecks(int buffers, int subgraphs, long fileBytes) {
        this.buffers = buffers;
        this.subgraphs = subgraphs;
        this.fileBytes = fileBytes;
    }

    void buffers(List<Table> tables) throws MalformedException {
        for (Table buffer : tables) {
            buffer.vector(0, 1);
            outside(buffer, 1, 2);
        }
    }

    void subgraph(Table subgraph, List<Table> tensors, int codes) throws MalformedException {
        for (Table tensor : tensors) {
            tensor(tensor);
        }
        indices(subgraph.vector(1, 4), tensors.size(), false, "an input of the graph");
        indices(subgraph.vector(2, 4), tensors.size(), false, "an output of the graph");
        for (Table operator : subgraph.tables(3)) {
            operator(operator, tensors.size(), codes);
        }
        subgraph.text(4);
    }

    void signatures(Table model) throws MalformedException {
        model.vector(5, 4);
        for (Table signature : model.tables(7)) {
            for (int list = 0; list < 2; list++) {
                for (Table entry : signature.tables(list)) {
                    entry.text(0);
                    entry.intOf(1, 0);
                }
            }
            signature.text(2);
            index(signature.intOf(4, 0), subgraphs, "the subgraph of a signature");
        }
    }

    private void tensor(Table tensor) throws MalformedException {
        tensor.text(3);
        tensor.vector(0, 4);
        tensor.vector(7, 4);
        index(tensor.intOf(2, 0), buffers, "the buffer of tensor '" + tensor.text(3) + "'");
        Optional<Table> quantization = tensor.table(4);
        if (quantization.isPresent()) {
            quantization(quantization.get());
        }
        Optional<Table> sparsity = tensor.table(6);
        if (sparsity.isPresent()) {
            sparsity(sparsity.get());
        }
        for (Table nested : tensor.tables(9)) {
            nested.vector(0, 4);
        }
    }

    private static void quantization(Table quantization) throws MalformedException {
        quantization.vector(0, 4);
        quantization.vector(1, 4);
        quantization.vector(2, 4);
        quantization.vector(3, 8);
        quantization.intOf(6, 0);
        Optional<Table> details = quantization.table(5);
        if (details.isPresent()) {
            details.get().vector(0, 1);
        }
    }

    private static void sparsity(Table sparsity) throws MalformedException {
        sparsity.vector(0, 4);
        sparsity.vector(1, 4);
        for (Table dimension : sparsity.tables(2)) {
            dimension.intOf(1, 0);
            for (int field = 2; field <= 4; field += 2) {
                Optional<Table> values = dimension.table(field + 1);
                if (values.isPresent()) {
                    int kind = dimension.byteOf(field, 0);
                    values.get().vector(0, kind == 1 ? 4 : kind == 2 ? 2 : 1);
                }
            }
        }
    }

    private void operator(Table operator, int tensors, int codes) throws MalformedException {
        index(operator.intOf(0, 0), codes, "the code of an operator");
        indices(operator.vector(1, 4), tensors, true, "an operator's input");
        indices(operator.vector(2, 4), tensors, true, "an operator's output");
        indices(operator.vector(8, 4), tensors, true, "an operator's intermediate");
        operator.vector(5, 1);
        operator.vector(7, 1);
        outside(operator, 9, 10);
        options(operator, 3, OPTION_VECTORS);
        options(operator, 11, OPTION_VECTORS_2);
    }

    private static void options(Table operator, int field, Map<Integer, int[][]> vectors) throws MalformedException {
        Optional<Table> options = operator.table(field + 1);
        if (options.isEmpty()) {
            return;
        }
        options.get().checkFields();
        for (int[] vector : vectors.getOrDefault(operator.byteOf(field, 0) & 0xff, new int[0][])) {
            if (vector[1] == 0) {
                options.get().text(vector[0]);
            } else {
                options.get().vector(vector[0], vector[1]);
            }
        }
    }

    /** Large models keep content behind the FlatBuffer: from where in the file, and how much. */
    private void outside(Table table, int fromField, int sizeField) throws MalformedException {
        long from = table.longOf(fromField, 0);
        long size = table.longOf(sizeField, 0);
        if (from > 1 && (size < 0 || size > fileBytes || from > fileBytes - size)) {
            throw new MalformedException("content of %d bytes is said to lie at byte %d; the file has %d bytes"
                    .formatted(size, from, fileBytes));
        }
        if (from < 0) {
            throw new MalformedException("content is said to lie at byte " + Long.toUnsignedString(from));
        }
    }

    private static void indices(Vector vector, int tensors, boolean optional, String what) throws MalformedException {
        for (long index : vector.integers()) {
            if (!(optional && index == NONE)) {
                index(index, tensors, what);
            }
        }
    }

    private static void index(long index, int count, String what) throws MalformedException {
        if (index < 0 || index >= count) {
            throw new MalformedException("%s is number %d of %d".formatted(what, index, count));
        }
    }
}
