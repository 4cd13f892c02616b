// SPDX-License-Identifier: Apache-2.0
package io.edgewright.api.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class NpyTest {

    private static final long LIMIT = 1 << 20;

    @TempDir
    Path dir;

    @ParameterizedTest
    @EnumSource(
            value = ElementType.class,
            mode = EnumSource.Mode.EXCLUDE,
            names = {"STRING"})
    void readsWhatItWrote(ElementType type) throws IOException {
        Tensor tensor = Tensor.zeros(type, List.of(2L, 3L, 4L));
        for (int i = 0; i < tensor.data().limit(); i++) {
            tensor.data().put(i, (byte) (type == ElementType.BOOL ? i % 2 : i * 37));
        }
        Path file = dir.resolve("a.npy");
        Npy.write(file, tensor);

        assertThat(Npy.read(file, LIMIT)).isEqualTo(tensor);
    }

    @Test
    void writesTheBytesThatNumPyWrites() throws IOException {
        // np.save(f, np.array([1.5, -2], '<f4')), NumPy 1.26
        var out = new ByteArrayOutputStream();
        Npy.write(out, Tensor.ofFloats(List.of(2L), 1.5f, -2f));

        String header = "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }";
        byte[] expected = file(1, header + " ".repeat(128 - 10 - 1 - header.length()) + "\n", "0000c03f000000c0");
        assertThat(out.toByteArray()).isEqualTo(expected);
    }

    @Test
    void readsScalarsAndEmptyArrays() throws IOException {
        assertThat(read(1, "{'descr': '<i8', 'fortran_order': False, 'shape': (), }", "0700000000000000"))
                .isEqualTo(Tensor.ofLongs(List.of(), 7));
        assertThat(read(1, "{'descr': '<f8', 'fortran_order': False, 'shape': (0, 3), }", ""))
                .isEqualTo(Tensor.zeros(ElementType.FLOAT64, List.of(0L, 3L)));
    }

    @ParameterizedTest
    @CsvSource({">f4,3fc00000c0000000", "<f4,0000c03f000000c0"})
    void readsEitherByteOrder(String descr, String data) throws IOException {
        assertThat(read(2, "{'descr': '%s', 'fortran_order': False, 'shape': (2,), }".formatted(descr), data))
                .isEqualTo(Tensor.ofFloats(List.of(2L), 1.5f, -2f));
    }

    @Test
    void turnsFortranOrderIntoRowMajorOrder() throws IOException {
        // [[1, 2, 3], [4, 5, 6]] column by column
        Tensor read = read(3, "{'descr': '|u1', 'fortran_order': True, 'shape': (2, 3), }", "010402050306");

        byte[] rows = new byte[6];
        read.data().get(0, rows);
        assertThat(rows).containsExactly(1, 2, 3, 4, 5, 6);
    }

    @Test
    void readsUnicodeAndByteStrings() throws IOException {
        String cells = "46000000" + "00f30100" + "00000000" + "61000000" + "62000000" + "63000000";
        assertThat(read(1, "{'descr': '<U3', 'fortran_order': False, 'shape': (2,), }", cells)
                        .toStrings())
                .containsExactly("F\uD83C\uDF00", "abc");
        assertThat(read(1, "{'descr': '|S2', 'fortran_order': False, 'shape': (2,), }", "61006263")
                        .toStrings())
                .containsExactly("a", "bc");
    }

    @Test
    void keepsStringsThroughAFile() throws IOException {
        Tensor strings = Tensor.ofStrings(List.of(2L, 2L), List.of("shelf", "", "Käse", "x"));
        Path file = dir.resolve("s.npy");
        Npy.write(file, strings);

        assertThat(Npy.read(file, LIMIT)).isEqualTo(strings);
    }

    @Test
    void refusesToWriteAStringThatEndsWithAZeroByte() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Npy.write(new ByteArrayOutputStream(), Tensor.ofStrings(List.of(1L), List.of("a\0"))))
                .withMessageContaining("zero byte");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "{'descr': '<c8', 'fortran_order': False, 'shape': (1,)} | <c8",
                "{'descr': '=O', 'fortran_order': False, 'shape': (1,)} | =O",
                "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,)} | records",
                "{'descr': '<f4', 'fortran_order': 3, 'shape': (1,)} | fortran_order",
                "{'descr': '<f4', 'fortran_order': False, 'shape': (-1,)} | -1",
                "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999, 99999999999)} | too many",
                "{'descr': '<f4', 'fortran_order': False, 'shape': (9999999,)} | limit",
                "{'descr': '<U0', 'fortran_order': False, 'shape': (9999999,)} | limit",
                "{'descr': '<f4', 'fortran_order': False, 'shape': (2,)} | 4 of 8",
                "{'descr': '<f4', 'fortran_order': False} | shape",
                "import os | malformed",
            })
    void saysWhatIsWrong(String header, String message) {
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> read(1, header, "00000000"))
                .withMessageContaining(message.strip());
    }

    @Test
    void refusesAFileThatIsNoNpyAndOneThatGoesOnAfterItsArray() throws IOException {
        Path text = Files.writeString(dir.resolve("x.npy"), "hello, world");
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> Npy.read(text, LIMIT))
                .withMessageContainingAll("x.npy", "not an NPY file");

        Path longer = Files.write(
                dir.resolve("y.npy"), file(1, "{'descr': '|u1', 'fortran_order': False, 'shape': (1,)}", "0102"));
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> Npy.read(longer, LIMIT))
                .withMessageContainingAll("y.npy", "more bytes");
    }

    @Test
    void answersDamagedFilesWithAnIoExceptionOnly() throws IOException {
        var random = new Random(20261122);
        byte[][] seeds = {
            file(1, "{'descr': '<f4', 'fortran_order': True, 'shape': (2, 3), }", "00".repeat(24)),
            file(2, "{'descr': '<U2', 'fortran_order': False, 'shape': (2,), }", "61000000620000006100000000000000"),
            file(3, "{'descr': '>i2', 'fortran_order': False, 'shape': (1, 1), }", "0102"),
        };
        for (int i = 0; i < 20_000; i++) {
            byte[] bytes = seeds[i % seeds.length].clone();
            for (int change = random.nextInt(4); change >= 0; change--) {
                bytes[random.nextInt(bytes.length)] =
                        (byte) (random.nextBoolean() ? random.nextInt() : "0123456789".charAt(random.nextInt(10)));
            }
            int length = random.nextInt(4) == 0 ? random.nextInt(bytes.length) : bytes.length;
            try {
                Tensor read = Npy.read(new ByteArrayInputStream(bytes, 0, length), 4096);
                assertThat(read.data().limit()).isLessThanOrEqualTo(2 * 4096);
            } catch (IOException e) {
                assertThat(e.getMessage()).isNotBlank();
            }
        }
    }

    private static Tensor read(int version, String header, String data) throws IOException {
        return Npy.read(new ByteArrayInputStream(file(version, header, data)), LIMIT);
    }

    private static byte[] file(int version, String header, String data) {
        byte[] text = header.getBytes(StandardCharsets.UTF_8);
        byte[] items = HexFormat.of().parseHex(data);
        ByteBuffer out = ByteBuffer.allocate(12 + text.length + items.length).order(ByteOrder.LITTLE_ENDIAN);
        out.put(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', (byte) version, 0});
        if (version == 1) {
            out.putShort((short) text.length);
        } else {
            out.putInt(text.length);
        }
        out.put(text).put(items);
        byte[] file = new byte[out.position()];
        out.get(0, file);
        return file;
    }
}
