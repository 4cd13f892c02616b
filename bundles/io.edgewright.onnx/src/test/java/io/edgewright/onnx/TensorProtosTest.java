// SPDX-License-Identifier: Apache-2.0
package io.edgewright.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.edgewright.api.tensor.ElementType;
import io.edgewright.api.tensor.Tensor;
import io.edgewright.testkit.OnnxWriter;
import io.edgewright.testkit.TestData;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class TensorProtosTest {

    private static final long LIMIT = 1 << 20;

    @TempDir
    Path dir;

    @ParameterizedTest
    @EnumSource(
            value = ElementType.class,
            mode = EnumSource.Mode.EXCLUDE,
            names = {"STRING"})
    void readsWhatItWrote(ElementType type) throws IOException {
        Tensor tensor = Tensor.zeros(type, List.of(2L, 3L));
        for (int i = 0; i < tensor.data().limit(); i++) {
            tensor.data().put(i, (byte) (type == ElementType.BOOL ? i % 2 : i * 37));
        }
        var out = new ByteArrayOutputStream();
        TensorProtos.write(out, "t", tensor);

        assertThat(TensorProtos.read(out.toByteArray(), LIMIT)).isEqualTo(new TensorProtos.Named("t", tensor));
        assertThat(out.toByteArray()).isEqualTo(OnnxWriter.tensor("t", tensor));
    }

    @Test
    void keepsStrings() throws IOException {
        Tensor strings = Tensor.ofStrings(List.of(3L), List.of("a", "", "Käse"));
        var out = new ByteArrayOutputStream();
        TensorProtos.write(out, "", strings);

        assertThat(TensorProtos.read(out.toByteArray(), LIMIT).tensor()).isEqualTo(strings);
    }

    @ParameterizedTest
    @CsvSource({
        // dims [2], then type and data in their typed fields, packed
        "FLOAT32, 0802 1001 2208 0000c03f 000000c0",
        "FLOAT64, 0802 100b 5210 000000000000f83f 00000000000000c0",
        "INT32,   0802 1006 2a0b 01 feffffffffffffffff01",
        "INT8,    0802 1003 2a0b 01 feffffffffffffffff01",
        "BOOL,    0802 1009 2a02 01 00",
        "FLOAT16, 0802 100a 2a05 807c 80f803",
        "INT64,   0802 1007 3a0b 01 feffffffffffffffff01",
        "UINT32,  0802 100c 5a02 01 02",
        "UINT64,  0802 100d 5a02 01 02",
        // unpacked, data before type and dims packed
        "UINT8,   2801 2802 1002 0a0102",
    })
    void readsTypedData(ElementType type, String hex) throws IOException {
        Tensor tensor = TensorProtos.read(bytes(hex), LIMIT).tensor();

        assertThat(tensor.type()).isEqualTo(type);
        assertThat(tensor.shape()).containsExactly(2L);
    }

    @Test
    void readsTheValuesOfTypedData() throws IOException {
        assertThat(TensorProtos.read(bytes("0802 1001 2208 0000c03f 000000c0"), LIMIT)
                        .tensor())
                .isEqualTo(Tensor.ofFloats(List.of(2L), 1.5f, -2f));
        assertThat(TensorProtos.read(bytes("0802 1007 3a0b 01 feffffffffffffffff01"), LIMIT)
                        .tensor())
                .isEqualTo(Tensor.ofLongs(List.of(2L), 1, -2));
    }

    @ParameterizedTest
    @CsvSource({
        "0801 1010 4a02 0000, BFLOAT16",
        "0801 1011 4a01 00, FLOAT8E4M3FN",
        "0801 1016 4a01 00, INT4",
        "0801 100e 4a01 00, COMPLEX64",
        "0801 4a01 00, UNDEFINED",
        "0801 1063 4a01 00, unknown type 99",
        "0802 1001 4a04 00000000, expected 8",
        "0802 1001 2504 000000, holds only 1 of 2",
        "0801 1003 28ac02, 300",
        "0801 1001 7001, another file",
        "08ffffffff0f 1001, limit",
        "0802 1001 2208 0000, cut short",
        "1a00, segment",
    })
    void saysWhatIsWrong(String hex, String message) {
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> TensorProtos.read(bytes(hex), LIMIT))
                .withMessageContaining(message);
    }

    @Test
    void namesTheFile() throws IOException {
        Path file = Files.writeString(dir.resolve("input_0.pb"), "hello");

        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> TensorProtos.read(file, LIMIT))
                .withMessageContaining("input_0.pb");
    }

    @Test
    void answersDamagedTensorsWithAnIoExceptionOnly() {
        var random = new Random(20261122);
        byte[][] seeds = {
            OnnxWriter.tensor("t", Tensor.ofFloats(List.of(2L, 2L), 1, 2, 3, 4)),
            bytes("0802 1006 2a0b 01 feffffffffffffffff01"),
            bytes("0802 1008 3201 61 3202 6263"),
        };
        for (int i = 0; i < 20_000; i++) {
            byte[] bytes = OnnxInspectorTest.mutate(seeds[i % seeds.length], random);
            try {
                Tensor read = TensorProtos.read(bytes, 4096).tensor();
                assertThat(read.data().limit()).isLessThanOrEqualTo(4096);
            } catch (IOException e) {
                assertThat(e.getMessage()).isNotBlank();
            }
        }
    }

    @Test
    void readsTheInputsOfTheOnnxTestSuite() throws Exception {
        Map<String, OnnxModelInfo> models = new HashMap<>();
        Map<String, byte[]> inputs = new HashMap<>();
        TarFiles.forEach(TestData.require("conformance/onnx-node-tests.tar.gz"), (name, content) -> {
            if (name.endsWith("model.onnx")) {
                models.put(name.split("/")[1], OnnxModelInfo.read(content));
            } else if (name.endsWith("test_data_set_0/input_0.pb")) {
                inputs.put(name.split("/")[1], content);
            }
        });
        int read = 0;
        for (var entry : inputs.entrySet()) {
            OnnxModelInfo model = models.get(entry.getKey());
            if (model != null
                    && model.unsupportedInputs().isEmpty()
                    && !model.inputs().isEmpty()) {
                var named = TensorProtos.read(entry.getValue(), 1 << 26);
                assertThat(named.tensor().type())
                        .as(entry.getKey())
                        .isEqualTo(model.inputs().get(0).type());
                assertThat(model.inputs().get(0).accepts(named.tensor().shape()))
                        .as(entry.getKey())
                        .isTrue();
                read++;
            }
        }
        assertThat(read).isGreaterThan(500);
    }

    private static byte[] bytes(String hex) {
        return HexFormat.of().parseHex(hex.replace(" ", ""));
    }
}
