// SPDX-License-Identifier: Apache-2.0
package io.edgewright.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.google.protobuf.ByteString;
import io.edgewright.onnx.proto.ModelProto;
import io.edgewright.onnx.proto.SparseTensorProto;
import io.edgewright.onnx.proto.TensorProto;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class SparseWeightsTest {

    @TempDir
    Path dir;

    @ParameterizedTest
    @EnumSource(Storage.class)
    void takeLessOfAFileAndAreReadAsWhatTheyStandFor(Storage storage) throws IOException {
        Weights mostlyZero = mostlyZero(4000, 100);
        Path dense = dir.resolve("dense.onnx");
        Path file = dir.resolve("sparse.onnx");
        model(mostlyZero).write(dense, Storage.INSIDE);
        model(mostlyZero.sparse()).write(file, storage);

        assertThat(Files.size(dense)).isGreaterThan(16_000);
        assertThat(Files.size(file)).isBetween(1200L, 1400L); // 4 bytes of each value and 8 of each place
        try (OnnxModel read = OnnxModel.read(file)) {
            Weights found = read.graph().constant("w").orElseThrow();
            assertThat(found.isSparse()).isTrue();
            assertThat(found.storedSize()).isEqualTo(1200);
            assertThat(found.byteSize()).isEqualTo(16_000);
            assertThat(found.contentEquals(mostlyZero)).isTrue();
            read.write(file, storage); // over itself, as it is
        }
        try (OnnxModel again = OnnxModel.read(file)) {
            assertThat(again.graph().constant("w").orElseThrow().contentEquals(mostlyZero))
                    .isTrue();
            assertThat(again.problems()).isEmpty();
        }
    }

    @Test
    void keepEveryBitThatIsSet() throws IOException {
        Weights weights = Weights.ofFloats(List.of(2L, 2L), -0f, 0, Float.NaN, Float.MIN_VALUE);
        Weights read = OnnxModel.read(model(weights.sparse()).toBytes())
                .graph()
                .constant("w")
                .orElseThrow();
        assertThat(read.storedSize()).isEqualTo(3 * 12);
        assertThat(read.contentEquals(weights)).isTrue();
    }

    @Test
    void mayAllBeZero() throws IOException {
        Weights zeros = Weights.ofFloats(List.of(3L), 0, 0, 0);
        OnnxModel read = OnnxModel.read(model(zeros.sparse()).toBytes());
        assertThat(read.graph().constant("w").orElseThrow().contentEquals(zeros))
                .isTrue();
    }

    @Test
    void haveNoNewValuesUnlessTheyAreReplaced() {
        Weights sparse = mostlyZero(100, 3).sparse();
        assertThat(sparse.sparse()).isSameAs(sparse);
        assertThat(sparse.reshaped(List.of(10L, 10L)).isSparse()).isTrue();
        assertThatExceptionOfType(IllegalStateException.class)
                .isThrownBy(() -> Weights.ofFloats(List.of(), 1).sparse())
                .withMessageContaining("expected one dimension or more");
    }

    @Test
    void canHaveAnIndexForEachDimension() throws IOException {
        byte[] model = withSparse(2, longs(0, 2, 1, 0), List.of(2L, 2L), 2, 3);
        assertThat(OnnxModel.read(model).graph().constant("s").orElseThrow().toFloats())
                .containsExactly(0, 0, 1, 1, 0, 0);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "0 6; 2; its index 1 is 6, expected more than 0 and less than 6",
                "3 3; 2; its index 1 is 3, expected more than 3",
                "-1 3; 2; its index 0 is -1, expected more than -1",
                "0 1 2; 3; its indices are INT64 [3], expected INT64 [2] or [2, 2]",
                "0 2 0 3; 2 2; an index is 3, expected 0 to 2",
                "1 0 0 1; 2 2; its index 1 is 1, expected more than 3"
            })
    void areRefusedIfTheirIndicesCannotBeRight(String indices, String shape, String message) {
        byte[] model = withSparse(2, longs(numbers(indices)), boxed(numbers(shape)), 2, 3);
        assertThatExceptionOfType(MalformedModelException.class)
                .isThrownBy(() -> OnnxModel.read(model))
                .withMessageContainingAll("sparse tensor 's'", message);
    }

    @Test
    void areNotExpandedWhenASmallFileClaimsToBeLarge() throws IOException {
        byte[] model = withSparse(1, longs(7), List.of(1L), 1L << 20, 1L << 20);
        Weights claimed = OnnxModel.read(model).graph().constant("s").orElseThrow();
        assertThatExceptionOfType(UncheckedIOException.class)
                .isThrownBy(claimed::toFloats)
                .withMessageContaining("takes 4398046511104 bytes");
    }

    @Test
    void damagedOnesAreAnsweredWithMalformedModelExceptionOnly() throws IOException {
        var random = new Random(20261122);
        byte[][] seeds = {
            model(mostlyZero(300, 9).sparse()).toBytes(),
            model(mostlyZero(3000, 90).sparse()).toBytes(),
            withSparse(2, longs(0, 2, 1, 0), List.of(2L, 2L), 2, 3)
        };
        int refused = 0;
        for (int i = 0; i < 10_000; i++) {
            try {
                OnnxModel model = OnnxModel.read(OnnxInspectorTest.mutate(seeds[i % seeds.length], random));
                model.graph().initializers().values().stream()
                        .filter(w -> w.byteSize() < 1 << 20)
                        .forEach(w -> assertThat(w.bytes().remaining()).isEqualTo((int) w.byteSize()));
                model.toBytes();
            } catch (MalformedModelException e) {
                assertThat(e.getMessage()).isNotBlank();
                refused++;
            } catch (IllegalStateException e) {
                assertThat(e.getMessage()).containsAnyOf("cycle", "not valid");
                refused++;
            }
        }
        assertThat(refused).isBetween(1000, 9999);
    }

    private static Weights mostlyZero(int elements, int values) {
        float[] all = new float[elements];
        for (int i = 0; i < values; i++) {
            all[i * (elements / values)] = i + 1;
        }
        return Weights.ofFloats(List.of((long) elements), all);
    }

    private static OnnxModel model(Weights weights) {
        Graph graph = new Graph("g");
        graph.setInputs(List.of(ValueInfo.of("x", DataType.FLOAT32)));
        graph.setOutputs(List.of(ValueInfo.of("y", DataType.FLOAT32)));
        graph.setInitializer("w", weights);
        graph.add(new Node("Add", List.of("x", "w"), List.of("y")));
        return OnnxModel.of(8, 17, graph);
    }

    /** {@return a model with a sparse initializer as it is told, all of whose values are 1} */
    private static byte[] withSparse(int count, ByteString indices, List<Long> indexShape, long... shape) {
        try {
            ModelProto base = ModelProto.parseFrom(model(mostlyZero(10, 1)).toBytes());
            var values = TensorProto.newBuilder().setName("s").setDataType(1).addDims(count);
            for (int i = 0; i < count; i++) {
                values.addFloatData(1);
            }
            var sparse = SparseTensorProto.newBuilder()
                    .setValues(values)
                    .setIndices(TensorProto.newBuilder()
                            .setDataType(7)
                            .addAllDims(indexShape)
                            .setRawData(indices))
                    .addAllDims(boxed(shape));
            return base.toBuilder()
                    .setGraph(base.getGraph().toBuilder().addSparseInitializer(sparse))
                    .build()
                    .toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static ByteString longs(long... values) {
        ByteBuffer bytes = ByteBuffer.allocate(values.length * 8).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asLongBuffer().put(values);
        return ByteString.copyFrom(bytes);
    }

    private static long[] numbers(String text) {
        return Arrays.stream(text.split(" ")).mapToLong(Long::parseLong).toArray();
    }

    private static List<Long> boxed(long... values) {
        return Arrays.stream(values).boxed().toList();
    }
}
