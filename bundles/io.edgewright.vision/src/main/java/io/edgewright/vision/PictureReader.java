// SPDX-License-Identifier: Apache-2.0
package io.edgewright.vision;

import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.awt.image.DataBufferByte;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;

/**
 * Reads JPEG, PNG and BMP files within limits: a small file can unpack to gigabytes. Transparent parts become black; an
 * orientation in EXIF is not applied. Thread-safe.
 *
 * @param maxBytes the largest file
 * @param maxPixels the largest width times height
 */
public record PictureReader(int maxBytes, int maxPixels) {

    /** Up to 64 MiB and 50 million pixels. */
    public static final PictureReader DEFAULT = new PictureReader(64 << 20, 50_000_000);

    private static final List<String> FORMATS = List.of("jpeg", "jpg", "png", "bmp");

    /** Checks. */
    public PictureReader {
        if (maxBytes < 1 || maxPixels < 1 || maxPixels > Integer.MAX_VALUE / 3) {
            throw new IllegalArgumentException("limits are %d bytes and %d pixels, expected 1 or more, up to %d pixels"
                    .formatted(maxBytes, maxPixels, Integer.MAX_VALUE / 3));
        }
    }

    /**
     * {@return the picture in a file}
     *
     * @param file a JPEG, PNG or BMP file
     * @throws IOException if it cannot be read, is none of them, is broken or too large; the message names the file
     */
    public Picture read(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return read(in, file.toString());
        }
    }

    /**
     * {@return the picture in a stream}
     *
     * @param in read to its end, not closed
     * @param name what messages call it
     * @throws IOException if it cannot be read, is no JPEG, PNG or BMP, is broken or too large
     */
    public Picture read(InputStream in, String name) throws IOException {
        byte[] bytes = in.readNBytes(maxBytes);
        if (bytes.length == maxBytes && in.read() >= 0) {
            throw new IOException("picture '%s' has more than %d bytes".formatted(name, maxBytes));
        }
        try (ImageInputStream stream = new MemoryCacheImageInputStream(new ByteArrayInputStream(bytes))) {
            return toPicture(decode(stream, name));
        }
    }

    private BufferedImage decode(ImageInputStream stream, String name) throws IOException {
        Iterator<ImageReader> readers = ImageIO.getImageReaders(stream);
        while (readers.hasNext()) {
            ImageReader reader = readers.next();
            try {
                if (FORMATS.contains(reader.getFormatName().toLowerCase(Locale.ROOT))) {
                    return decode(reader, stream, name);
                }
            } finally {
                reader.dispose();
            }
        }
        throw new IOException("'%s' is no picture that can be read, expected JPEG, PNG or BMP".formatted(name));
    }

    private BufferedImage decode(ImageReader reader, ImageInputStream stream, String name) throws IOException {
        int width;
        int height;
        try {
            reader.setInput(stream, true, true);
            width = reader.getWidth(0);
            height = reader.getHeight(0);
            if (width > 0 && height > 0 && (long) width * height <= maxPixels) {
                return reader.read(0);
            }
        } catch (IOException | RuntimeException e) { // the JDK's decoders throw both at broken files
            throw new IOException("picture '%s' is broken: %s".formatted(name, e), e);
        }
        throw new IOException(
                "picture '%s' is %d x %d, expected %d pixels or less".formatted(name, width, height, maxPixels));
    }

    private static Picture toPicture(BufferedImage image) {
        BufferedImage bgr = image;
        if (image.getType() != BufferedImage.TYPE_3BYTE_BGR || image.getRaster().getParent() != null) {
            bgr = new BufferedImage(image.getWidth(), image.getHeight(), BufferedImage.TYPE_3BYTE_BGR);
            Graphics2D graphics = bgr.createGraphics();
            graphics.drawImage(image, 0, 0, null);
            graphics.dispose();
        }
        Picture picture = Picture.blank(bgr.getWidth(), bgr.getHeight());
        byte[] data = ((DataBufferByte) bgr.getRaster().getDataBuffer()).getData();
        picture.bgr().put(0, data, 0, picture.bgr().limit());
        return picture;
    }
}
