// SPDX-License-Identifier: Apache-2.0
package io.edgewright.vision;

import io.edgewright.api.model.ModelManifest;
import io.edgewright.api.tensor.Tensor;
import io.edgewright.api.tensor.TensorSpec;
import java.awt.image.BufferedImage;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Turns pictures into a model's input: resizes, orders the channels, normalises and writes straight into the tensor, in
 * one pass over tables made once for a source size; while that stays, no picture costs a buffer.
 *
 * <p>What the model wants comes from the {@code image.*} properties of its manifest (see {@link ModelManifest}). Without
 * them: RGB (or gray for one channel), stretched, 0..1 for floats, 0..255 for UINT8, -128..127 for INT8. Where the model
 * leaves the size open, the property {@code image.size} such as {@code 640x480} is needed. Sampling is bilinear with pixel
 * centres at .5; shrinking by more than 3 takes the mean of the covered pixels. One thread at a time.
 */
public final class ImagePreprocessor {

    private static final int[] BGR = {2, 1, 0};
    private static final int[] RGB = {0, 1, 2};

    private final ImageSettings settings;
    private final RowWriter writer;
    private @Nullable ResizePlan plan; // of the last source size
    private int[] pixels = {}; // one row of a BufferedImage
    private byte[] grays = {}; // one row of a gray picture

    private ImagePreprocessor(ImageSettings settings) {
        this.settings = settings;
        this.writer = new RowWriter(settings);
    }

    /**
     * {@return a preprocessor for a model that takes one picture}
     *
     * @param manifest its properties say how
     * @param inputs of the model
     * @throws IllegalArgumentException if the inputs take no picture or a property is wrong; the message names it
     */
    public static ImagePreprocessor of(ModelManifest manifest, List<TensorSpec> inputs) {
        return new ImagePreprocessor(ImageSettings.of(manifest, inputs));
    }

    /** {@return the name of the input that takes the picture} */
    public String input() {
        return settings.input.name();
    }

    /** {@return the concrete shape of that input, for one picture} */
    public List<Long> shape() {
        return settings.shape;
    }

    /** {@return the width of the model's picture in pixels} */
    public int width() {
        return settings.width;
    }

    /** {@return the height of the model's picture in pixels} */
    public int height() {
        return settings.height;
    }

    /**
     * {@return how to find back from the model's picture to one of this size}
     *
     * @param width in pixels
     * @param height in pixels
     */
    public PictureMap map(int width, int height) {
        return plan(width, height).map;
    }

    /**
     * Writes a packed picture.
     *
     * @param packed the pixels, from position 0; heap or direct
     * @param format their order
     * @param width in pixels
     * @param height in pixels
     * @param target the input's tensor, of {@link #shape()}
     * @throws IllegalArgumentException if buffer or tensor do not fit
     */
    public void write(ByteBuffer packed, PixelFormat format, int width, int height, Tensor target) {
        int stride = Math.multiplyExact(width, format.bytes());
        if (packed.limit() < (long) stride * height) {
            throw new IllegalArgumentException("%s picture of %d x %d takes %d bytes, found %d"
                    .formatted(format, width, height, (long) stride * height, packed.limit()));
        }
        if (format == PixelFormat.GRAY) {
            grays = grays.length == width ? grays : new byte[width];
            byte[] line = grays;
            run(width, height, RGB, target, (y, row) -> {
                packed.get(y * stride, line);
                for (int x = 0, at = 0; x < line.length; x++, at += 3) {
                    row[at] = line[x];
                    row[at + 1] = line[x];
                    row[at + 2] = line[x];
                }
            });
        } else {
            run(width, height, format == PixelFormat.BGR ? BGR : RGB, target, (y, row) -> packed.get(y * stride, row));
        }
    }

    /**
     * Writes a picture.
     *
     * @param picture any size
     * @param target the input's tensor, of {@link #shape()}
     * @throws IllegalArgumentException if the tensor does not fit
     */
    public void write(Picture picture, Tensor target) {
        write(picture.bgr(), PixelFormat.BGR, picture.width(), picture.height(), target);
    }

    /**
     * Writes a picture of packed integers.
     *
     * @param rgb {@code 0xRRGGBB}, the upper byte is ignored; rows from the top
     * @param width in pixels
     * @param height in pixels
     * @param target the input's tensor, of {@link #shape()}
     * @throws IllegalArgumentException if array or tensor do not fit
     */
    public void write(int[] rgb, int width, int height, Tensor target) {
        if (rgb.length < (long) width * height) {
            throw new IllegalArgumentException("picture of %d x %d takes %d integers, found %d"
                    .formatted(width, height, (long) width * height, rgb.length));
        }
        run(width, height, BGR, target, (y, row) -> unpack(rgb, y * width, row));
    }

    /**
     * Writes an image of any type; transparency is ignored.
     *
     * @param image any size
     * @param target the input's tensor, of {@link #shape()}
     * @throws IllegalArgumentException if the tensor does not fit
     */
    public void write(BufferedImage image, Tensor target) {
        int width = image.getWidth();
        pixels = pixels.length == width ? pixels : new int[width];
        int[] line = pixels;
        run(width, image.getHeight(), BGR, target, (y, row) -> {
            image.getRGB(0, y, width, 1, line, 0, width);
            unpack(line, 0, row);
        });
    }

    private static void unpack(int[] rgb, int from, byte[] row) {
        for (int at = 0, i = from; at < row.length; at += 3, i++) {
            int pixel = rgb[i];
            row[at] = (byte) pixel;
            row[at + 1] = (byte) (pixel >> 8);
            row[at + 2] = (byte) (pixel >> 16);
        }
    }

    private void run(int width, int height, int[] order, Tensor target, ResizePlan.Rows rows) {
        if (target.type() != settings.input.type() || !target.shape().equals(settings.shape)) {
            throw new IllegalArgumentException("input '%s' is %s, expected %s %s"
                    .formatted(settings.input.name(), target, settings.input.type(), settings.shape));
        }
        plan(width, height).run(rows, order, writer, target);
    }

    private ResizePlan plan(int width, int height) {
        if (width < 1 || height < 1) {
            throw new IllegalArgumentException("picture of %d x %d, expected 1 x 1 or more".formatted(width, height));
        }
        ResizePlan current = plan;
        if (current == null || current.width != width || current.height != height) {
            current = new ResizePlan(settings, width, height);
            plan = current;
        }
        return current;
    }
}
