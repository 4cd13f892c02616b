// SPDX-License-Identifier: Apache-2.0
package io.edgewright.shell;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import io.edgewright.api.inference.Signature;
import io.edgewright.api.tensor.Npy;
import io.edgewright.api.tensor.Tensor;
import io.edgewright.onnx.TensorProtos;
import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RunsTest {

    private static final Signature TWO = Models.signature(
            List.of(Models.floats("a", 2L), Models.floats("b", 3L)), List.of(Models.floats("y", 1L)), Map.of());
    private static final Signature ONE =
            Models.signature(List.of(Models.floats("x", -1L, 2L)), List.of(Models.floats("y", 1L)), Map.of());

    @TempDir
    Path dir;

    @Test
    void runsAModelOfOneInputOnceForEachTensorAndTellsItsShape() throws IOException {
        List<Run> runs = Runs.of(
                ONE,
                List.of(
                        npy("first", Tensor.ofFloats(List.of(1L, 2L), 1, 2)),
                        npy("second", Tensor.ofFloats(List.of(3L, 2L), 1, 2, 3, 4, 5, 6))));

        assertThat(runs).extracting(Run::stem).containsExactly("first", "second");
        assertThat(runs.get(1).writer().shapes()).isEqualTo(Map.of("x", List.of(3L, 2L)));
    }

    @Test
    void fillsSeveralInputsByNameAndTheRestInOrder() throws Exception {
        Path named = dir.resolve("anything.pb");
        try (OutputStream out = Files.newOutputStream(named)) {
            TensorProtos.write(out, "b", Tensor.ofFloats(List.of(3L), 7, 8, 9));
        }
        List<Run> runs = Runs.of(
                TWO, List.of(InputFile.parse(named.toString()), npy("other", Tensor.ofFloats(List.of(2L), 1, 2))));

        Map<String, Tensor> buffers = Models.buffers(TWO.inputs());
        runs.get(0).writer().write(Models.inputs(buffers));

        assertThat(runs).hasSize(1);
        assertThat(Models.inputs(buffers).input("a").toFloats()).containsExactly(1, 2);
        assertThat(Models.inputs(buffers).input("b").toFloats()).containsExactly(7, 8, 9);
    }

    @Test
    void takesTheInputsNameFromTheCommandLine() throws Exception {
        InputFile b = npy("b", Tensor.ofFloats(List.of(3L), 7, 8, 9));
        InputFile a = npy("a", Tensor.ofFloats(List.of(2L), 1, 2));
        List<Run> runs = Runs.of(TWO, List.of(InputFile.parse("b=" + b.path()), InputFile.parse("a=" + a.path())));

        Map<String, Tensor> buffers = Models.buffers(TWO.inputs());
        runs.get(0).writer().write(Models.inputs(buffers));

        assertThat(Models.inputs(buffers).input("b").toFloats()).containsExactly(7, 8, 9);
    }

    @Test
    void saysWhatATensorShouldHaveBeen() throws IOException {
        InputFile wrong = npy("wrong", Tensor.ofFloats(List.of(3L), 1, 2, 3));

        assertThatIllegalArgumentException()
                .isThrownBy(() -> Runs.of(ONE, List.of(wrong)))
                .withMessageContainingAll("wrong.npy", "[3]", "'x'", "[-1, 2]");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Runs.of(TWO, List.of(wrong)))
                .withMessageContainingAll("2 tensors", "a, b", "found 1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Runs.of(
                        TWO, List.of(InputFile.parse("c=" + wrong.path()), InputFile.parse("b=" + wrong.path()))))
                .withMessageContainingAll("'c'", "a, b");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> InputFile.parse(dir.resolve("absent.jpg").toString()))
                .withMessageContaining("absent.jpg' is not a file");
    }

    @Test
    void preprocessesAPictureAsTheOptionsSay() throws Exception {
        var picture = new BufferedImage(8, 8, BufferedImage.TYPE_INT_RGB);
        for (int i = 0; i < 64; i++) {
            picture.setRGB(i % 8, i / 8, new Color(200, 100, 50).getRGB());
        }
        Path file = dir.resolve("p.png");
        ImageIO.write(picture, "png", file.toFile());
        Map<String, String> facts = ModelFacts.of(new Request(Map.of(
                "scale", List.of("1"),
                "mean", List.of("50,100,200"),
                "std", List.of("2"),
                "bgr", List.of("true"))));
        Signature signature =
                Models.signature(List.of(Models.floats("x", 1L, 3L, 4L, 4L)), List.of(Models.floats("y", 1L)), facts);

        Run run = Runs.of(signature, List.of(InputFile.parse(file.toString()))).get(0);
        Map<String, Tensor> buffers = Models.buffers(signature.inputs());
        run.writer().write(Models.inputs(buffers));

        float[] values = Models.inputs(buffers).input("x").toFloats();
        assertThat(values[0]).isCloseTo((50 - 50) / 2f, within(0.01f)); // blue first
        assertThat(values[16]).isCloseTo(0, within(0.01f));
        assertThat(values[47]).isCloseTo((200 - 200) / 2f, within(0.01f));
        assertThat(run.picture()).get().satisfies(s -> assertThat(s.width()).isEqualTo(8));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Runs.of(signature, List.of(InputFile.parse("image=" + file))))
                .withMessageContainingAll("'image'", "'x'");
    }

    @Test
    void refusesALayoutThatIsNone() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ModelFacts.of(new Request(Map.of("layout", List.of("HWC")))))
                .withMessageContainingAll("HWC", "NCHW");
    }

    @Test
    void refusesLabelsThatAreNotThere() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ModelFacts.of(new Request(Map.of("labels", List.of("absent.txt")))))
                .withMessageContainingAll("absent.txt", "expected a file");
    }

    private InputFile npy(String name, Tensor tensor) throws IOException {
        Path file = dir.resolve(name + ".npy");
        Npy.write(file, tensor);
        return InputFile.parse(file.toString());
    }
}
