// SPDX-License-Identifier: Apache-2.0
package io.edgewright.vision;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;

class PicturesTest {

    @Test
    void readsTheSamePixelsFromPngAndBmpAndNearlyTheSameFromItsOwnJpeg() throws Exception {
        BufferedImage image = new BufferedImage(40, 30, BufferedImage.TYPE_INT_RGB);
        for (int y = 0; y < 30; y++) {
            for (int x = 0; x < 40; x++) {
                image.setRGB(x, y, x * 6 << 16 | y * 8 << 8 | (x + y) * 3);
            }
        }

        Picture png = read(encoded(image, "png"));

        assertThat(png.width()).isEqualTo(40);
        assertThat(png.height()).isEqualTo(30);
        assertThat(png.bgr().get((10 * 40 + 20) * 3) & 255).isEqualTo(90);
        assertThat(png.bgr().get((10 * 40 + 20) * 3 + 1) & 255).isEqualTo(80);
        assertThat(png.bgr().get((10 * 40 + 20) * 3 + 2) & 255).isEqualTo(120);
        assertThat(read(encoded(image, "bmp")).bgr()).isEqualTo(png.bgr());
        Picture jpeg = read(Jpeg.encode(png, 95));
        for (int i = 0; i < png.bgr().limit(); i++) {
            assertThat((double) (jpeg.bgr().get(i) & 255)).isCloseTo(png.bgr().get(i) & 255, within(24.0));
        }
    }

    @Test
    void refusesWhatIsTooLargeBeforeUnpackingIt() throws Exception {
        byte[] png = encoded(new BufferedImage(400, 300, BufferedImage.TYPE_BYTE_GRAY), "png");

        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> new PictureReader(1 << 20, 100_000).read(new ByteArrayInputStream(png), "a.png"))
                .withMessageContainingAll("a.png", "400 x 300", "100000");
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> new PictureReader(100, 1_000_000).read(new ByteArrayInputStream(png), "a.png"))
                .withMessageContainingAll("a.png", "100 bytes");
    }

    @Test
    void saysThatAFileIsNoPicture() {
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> read("GIF89a is not taken".getBytes(StandardCharsets.US_ASCII)))
                .withMessageContainingAll("test", "JPEG, PNG or BMP");
    }

    @Test
    void brokenFilesGiveAnIOExceptionAndNothingElse() throws Exception {
        Random random = new Random(5);
        BufferedImage image = new BufferedImage(24, 16, BufferedImage.TYPE_3BYTE_BGR);
        List<byte[]> seeds = List.of(encoded(image, "png"), encoded(image, "bmp"), encoded(image, "jpg"));
        PictureReader reader = new PictureReader(1 << 20, 1_000_000);
        long end = System.nanoTime() + 5_000_000_000L;
        int failures = 0;
        for (int round = 0; round < 6000 && System.nanoTime() < end; round++) {
            byte[] bytes = seeds.get(round % seeds.size()).clone();
            for (int n = random.nextInt(4); n >= 0; n--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
            }
            int length = random.nextInt(4) == 0 ? random.nextInt(bytes.length) : bytes.length;
            try {
                reader.read(new ByteArrayInputStream(bytes, 0, length), "mutant");
            } catch (IOException e) {
                assertThat(e.getMessage()).isNotBlank();
                failures++;
            }
        }
        assertThat(failures).isPositive();
    }

    @Test
    void blurLeavesAFewFlatColoursInTheRegionAndTheRestUntouched() {
        Picture picture = ImagePreprocessorTest.noise(100, 80);
        Picture before = picture.copy();

        Blur.apply(picture, List.of(new Box(0.3f, 0.25f, 0.7f, 0.75f), new Box(0.95f, 0.9f, 1.3f, 1.5f)));

        Set<Integer> colours = new HashSet<>();
        for (int y = 20; y < 60; y++) {
            for (int x = 30; x < 70; x++) {
                int at = (y * 100 + x) * 3;
                colours.add(picture.bgr().get(at) << 16
                        | picture.bgr().get(at + 1) << 8
                        | picture.bgr().get(at + 2));
            }
        }
        assertThat(colours).hasSizeLessThanOrEqualTo(49);
        assertThat(picture.bgr().get((10 * 100 + 50) * 3))
                .isEqualTo(before.bgr().get((10 * 100 + 50) * 3));
    }

    @Test
    void drawsBoxesAndTextsAlsoBeyondTheEdges() {
        Picture picture = Picture.blank(100, 80);

        new Overlay(picture).color(0x0000ff).box(new Box(-0.5f, 0.5f, 0.5f, 2f), "person 12?");

        assertThat(picture.bgr().get((40 * 100 + 30) * 3) & 255).isEqualTo(255);
        assertThat(picture.bgr().get((60 * 100 + 30) * 3) & 255).isZero();
    }

    private static Picture read(byte[] bytes) throws IOException {
        return PictureReader.DEFAULT.read(new ByteArrayInputStream(bytes), "test");
    }

    private static byte[] encoded(BufferedImage image, String format) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        assertThat(ImageIO.write(image, format, bytes)).isTrue();
        return bytes.toByteArray();
    }
}
