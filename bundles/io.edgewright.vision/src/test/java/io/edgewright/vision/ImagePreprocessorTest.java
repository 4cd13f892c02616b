// SPDX-License-Identifier: Apache-2.0
package io.edgewright.vision;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import io.edgewright.api.tensor.ElementType;
import io.edgewright.api.tensor.HalfFloats;
import io.edgewright.api.tensor.Tensor;
import io.edgewright.api.tensor.TensorSpec;
import java.awt.image.BufferedImage;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ImagePreprocessorTest {

    @Test
    void givesEachPixelByTheTextbookFormulaOfBilinearResizing() {
        Picture picture = noise(37, 23);
        Map<String, String> properties = Map.of(
                "image.color", "RGB", "image.scale", "1/255", "image.mean", "0.5,0.4,0.3", "image.std", "0.2,0.3,0.4");
        float[] mean = {0.5f, 0.4f, 0.3f};
        float[] std = {0.2f, 0.3f, 0.4f};

        float[] values = run(picture, ElementType.FLOAT32, List.of(1L, 3L, 16L, 20L), properties)
                .toFloats();

        for (int c = 0; c < 3; c++) {
            for (int y = 0; y < 16; y++) {
                for (int x = 0; x < 20; x++) {
                    double expected = (bilinear(picture, x, y, 20, 16, 2 - c) / 255 - mean[c]) / std[c];
                    assertThat((double) values[(c * 16 + y) * 20 + x]).isCloseTo(expected, within(1e-4));
                }
            }
        }
    }

    @Test
    void takesTheMeanOfAllPixelsWhenItShrinksStrongly() {
        Picture picture = noise(64, 48);
        double sum = 0;
        for (int i = 1; i < picture.bgr().limit(); i += 3) {
            sum += picture.bgr().get(i) & 255;
        }

        Tensor tensor = run(
                picture,
                ElementType.FLOAT32,
                List.of(1L, 1L, 1L, 3L),
                Map.of("image.layout", "NHWC", "image.scale", "1"));

        assertThat((double) tensor.toFloats()[1]).isCloseTo(sum / (64 * 48), within(0.01));
    }

    @Test
    void interleavesChannelsAndRoundsForIntegerModels() {
        Picture picture = Picture.blank(2, 1);
        picture.bgr().put(0, new byte[] {10, 20, 30, (byte) 200, (byte) 210, (byte) 220});

        Tensor unsigned = run(picture, ElementType.UINT8, List.of(1L, 1L, 2L, 3L), Map.of("image.layout", "NHWC"));
        Tensor signed = run(
                picture,
                ElementType.INT8,
                List.of(1L, 1L, 2L, 3L),
                Map.of("image.layout", "NHWC", "image.color", "BGR"));

        assertThat(bytes(unsigned)).containsExactly(30, 20, 10, 220, 210, 200);
        assertThat(bytes(signed)).containsExactly(256 - 118, 256 - 108, 256 - 98, 72, 82, 92);
    }

    @Test
    void writesHalfFloats() {
        Picture picture = Picture.blank(1, 1);
        picture.bgr().put(0, new byte[] {0, (byte) 128, (byte) 255});

        Tensor tensor = run(picture, ElementType.FLOAT16, List.of(1L, 3L, 1L, 1L), Map.of());

        assertThat(HalfFloats.toFloat(tensor.data().getShort(0))).isEqualTo(1f);
        assertThat(HalfFloats.toFloat(tensor.data().getShort(2))).isCloseTo(128 / 255f, within(0.0003f));
        assertThat(HalfFloats.toFloat(tensor.data().getShort(4))).isZero();
    }

    @Test
    void letterboxKeepsTheShapeFillsTheRestAndFindsBack() {
        Picture picture = Picture.blank(200, 100);
        for (int i = 0; i < picture.bgr().limit(); i++) {
            picture.bgr().put(i, (byte) 255);
        }
        var inputs = List.of(new TensorSpec("x", ElementType.FLOAT32, List.of(1L, 3L, 80L, 80L)));
        Map<String, String> properties = Map.of("image.resize", "letterbox", "image.pad", "51");
        ImagePreprocessor preprocessor = preprocessor(inputs, properties);
        Tensor tensor = Tensor.zeros(ElementType.FLOAT32, preprocessor.shape());
        preprocessor.write(picture, tensor);

        assertThat(tensor.toFloats()[19 * 80 + 40]).isCloseTo(0.2f, within(1e-5f));
        assertThat(tensor.toFloats()[20 * 80]).isCloseTo(1f, within(1e-5f));
        assertThat(tensor.toFloats()[60 * 80]).isCloseTo(0.2f, within(1e-5f));
        Box box = preprocessor.map(200, 100).toPicture(0.25f, 0.25f, 0.75f, 0.5f);
        assertThat(box).isEqualTo(new Box(0.25f, 0f, 0.75f, 0.5f));
    }

    @Test
    void cropTakesTheMiddleAndFindsBack() {
        var inputs = List.of(new TensorSpec("x", ElementType.FLOAT32, List.of(1L, 3L, 50L, 50L)));
        PictureMap map = preprocessor(inputs, Map.of("image.resize", "crop")).map(200, 100);

        assertThat(map.toPicture(0, 0, 1, 1)).isEqualTo(new Box(0.25f, 0f, 0.75f, 1f));
    }

    @Test
    void readsEverySourceFormatAlike() {
        Picture picture = noise(30, 20);
        BufferedImage image = new BufferedImage(30, 20, BufferedImage.TYPE_INT_RGB);
        int[] packed = new int[30 * 20];
        ByteBuffer rgb = ByteBuffer.allocate(30 * 20 * 3);
        for (int i = 0; i < packed.length; i++) {
            int b = picture.bgr().get(i * 3) & 255;
            int g = picture.bgr().get(i * 3 + 1) & 255;
            int r = picture.bgr().get(i * 3 + 2) & 255;
            packed[i] = r << 16 | g << 8 | b;
            rgb.put(i * 3, (byte) r).put(i * 3 + 1, (byte) g).put(i * 3 + 2, (byte) b);
        }
        image.setRGB(0, 0, 30, 20, packed, 0, 30);
        var inputs = List.of(new TensorSpec("x", ElementType.FLOAT32, List.of(1L, 3L, 9L, 11L)));
        ImagePreprocessor preprocessor = preprocessor(inputs, Map.of());
        Tensor expected = Tensor.zeros(ElementType.FLOAT32, preprocessor.shape());
        preprocessor.write(picture, expected);

        Tensor tensor = Tensor.zeros(ElementType.FLOAT32, preprocessor.shape());
        preprocessor.write(rgb, PixelFormat.RGB, 30, 20, tensor);
        assertThat(tensor).isEqualTo(expected);
        preprocessor.write(packed, 30, 20, tensor);
        assertThat(tensor).isEqualTo(expected);
        preprocessor.write(image, tensor);
        assertThat(tensor).isEqualTo(expected);
    }

    @Test
    void grayComesFromColoursByBrightnessAndFromGrayAsItIs() {
        Picture picture = Picture.blank(1, 1);
        picture.bgr().put(0, new byte[] {100, (byte) 150, (byte) 200});
        Map<String, String> raw = Map.of("image.scale", "1");

        Tensor fromColor = run(picture, ElementType.FLOAT32, List.of(1L, 1L, 1L, 1L), raw);
        var inputs = List.of(new TensorSpec("x", ElementType.FLOAT32, List.of(1L, 1L, 2L, 2L)));
        ImagePreprocessor preprocessor = preprocessor(inputs, raw);
        Tensor fromGray = Tensor.zeros(ElementType.FLOAT32, preprocessor.shape());
        preprocessor.write(ByteBuffer.wrap(new byte[] {1, 2, 3, (byte) 254}), PixelFormat.GRAY, 2, 2, fromGray);

        assertThat(fromColor.toFloats()[0]).isCloseTo(0.299f * 200 + 0.587f * 150 + 0.114f * 100, within(0.01f));
        assertThat(fromGray.toFloats()).usingComparatorWithPrecision(0.01f).containsExactly(1, 2, 3, 254);
    }

    @Test
    void takesAMeanBeyond1ForOneOfPixels() {
        Picture picture = Picture.blank(1, 1);
        picture.bgr().put(0, new byte[] {100, (byte) 150, (byte) 200});
        List<Long> shape = List.of(1L, 3L, 1L, 1L);

        Tensor ofPixels = run(picture, ElementType.FLOAT32, shape, Map.of("image.mean", "123.7,116.8,103.9"));
        Tensor ofFractions = run(picture, ElementType.FLOAT32, shape, Map.of("image.mean", "0.5"));

        assertThat(ofPixels.toFloats()).usingComparatorWithPrecision(0.01f).containsExactly(76.3f, 33.2f, -3.9f);
        assertThat(ofFractions.toFloats()).usingComparatorWithPrecision(0.01f).containsExactly(0.284f, 0.088f, -0.108f);
    }

    @Test
    void takesTheSizeOfAnOpenModelFromItsManifest() {
        var inputs = List.of(new TensorSpec("x", ElementType.FLOAT32, List.of(-1L, 3L, -1L, -1L)));

        assertThat(preprocessor(inputs, Map.of("image.size", "64x32")).shape()).containsExactly(1L, 3L, 32L, 64L);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> preprocessor(inputs, Map.of()))
                .withMessageContainingAll("image.size", "640x480");
    }

    @Test
    void saysWhatIsWrongWithAModelOrItsProperties() {
        var image = List.of(new TensorSpec("x", ElementType.FLOAT32, List.of(1L, 3L, 8L, 8L)));
        var series = List.of(new TensorSpec("x", ElementType.FLOAT32, List.of(1L, 16L)));

        assertThatIllegalArgumentException()
                .isThrownBy(() -> preprocessor(series, Map.of()))
                .withMessageContainingAll("'x' FLOAT32 [1, 16]", "[1, 3, H, W]");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> preprocessor(image, Map.of("image.color", "CMYK")))
                .withMessageContainingAll("image.color", "CMYK", "BGR");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> preprocessor(image, Map.of("image.mean", "1,2")))
                .withMessageContainingAll("image.mean", "3 of them");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> preprocessor(image, Map.of("image.std", "0")))
                .withMessageContaining("image.std");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> preprocessor(image, Map.of("image.scale", "x")))
                .withMessageContaining("image.scale");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> preprocessor(image, Map.of())
                        .write(Picture.blank(4, 4), Tensor.zeros(ElementType.FLOAT32, List.of(1L, 3L, 8L, 9L))))
                .withMessageContainingAll("[1, 3, 8, 9]", "[1, 3, 8, 8]");
    }

    static Picture noise(int width, int height) {
        Picture picture = Picture.blank(width, height);
        Random random = new Random(7);
        for (int i = 0; i < picture.bgr().limit(); i++) {
            picture.bgr().put(i, (byte) random.nextInt());
        }
        return picture;
    }

    private static double bilinear(Picture picture, int x, int y, int width, int height, int channel) {
        double sx = Math.max(0, Math.min(picture.width() - 1, (x + 0.5) * picture.width() / width - 0.5));
        double sy = Math.max(0, Math.min(picture.height() - 1, (y + 0.5) * picture.height() / height - 0.5));
        int x0 = (int) sx;
        int y0 = (int) sy;
        int x1 = Math.min(x0 + 1, picture.width() - 1);
        int y1 = Math.min(y0 + 1, picture.height() - 1);
        double above = at(picture, x0, y0, channel) * (1 - (sx - x0)) + at(picture, x1, y0, channel) * (sx - x0);
        double below = at(picture, x0, y1, channel) * (1 - (sx - x0)) + at(picture, x1, y1, channel) * (sx - x0);
        return above * (1 - (sy - y0)) + below * (sy - y0);
    }

    private static int at(Picture picture, int x, int y, int channel) {
        return picture.bgr().get((y * picture.width() + x) * 3 + channel) & 255;
    }

    private static Tensor run(Picture picture, ElementType type, List<Long> shape, Map<String, String> properties) {
        ImagePreprocessor preprocessor = preprocessor(List.of(new TensorSpec("x", type, shape)), properties);
        Tensor tensor = Tensor.zeros(type, preprocessor.shape());
        preprocessor.write(picture, tensor);
        return tensor;
    }

    private static ImagePreprocessor preprocessor(List<TensorSpec> inputs, Map<String, String> properties) {
        return ImagePreprocessor.of(
                OrtModel.signature(inputs, inputs, properties).manifest(), inputs);
    }

    private static List<Integer> bytes(Tensor tensor) {
        Integer[] values = new Integer[tensor.data().limit()];
        for (int i = 0; i < values.length; i++) {
            values[i] = tensor.data().get(i) & 255;
        }
        return List.of(values);
    }
}
