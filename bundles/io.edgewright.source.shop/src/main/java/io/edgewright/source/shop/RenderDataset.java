// SPDX-License-Identifier: Apache-2.0
package io.edgewright.source.shop;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.Writer;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/**
 * Writes pictures and the truth about them for training, with the renderer that the live source uses.
 *
 * <p>Arguments: the seed, how many frames, the folder, then optionally how many scenes (1; 0 means only the standard
 * one), frames left out between two (30), width (640) and height (360). The folder gets {@code frames.bgr} (raw, one
 * frame after the other), {@code boxes.csv} and {@code meta.txt}.
 */
final class RenderDataset {

    private static final double FPS = 15;

    private RenderDataset() {}

    /** Runs it. */
    public static void main(String[] args) throws IOException {
        if (args.length < 3) {
            throw new IllegalArgumentException(
                    "expected SEED COUNT FOLDER [SCENES] [STEP] [WIDTH] [HEIGHT], found " + args.length + " arguments");
        }
        write(Long.parseLong(args[0]), Integer.parseInt(args[1]), Path.of(args[2]), new int[] {
            number(args, 3, 1), number(args, 4, 30), number(args, 5, 640), number(args, 6, 360)
        });
    }

    private static int number(String[] args, int index, int fallback) {
        return args.length > index ? Integer.parseInt(args[index]) : fallback;
    }

    private static void write(long seed, int count, Path folder, int[] options) throws IOException {
        int scenes = Math.max(1, options[0]);
        int width = options[2];
        int height = options[3];
        Files.createDirectories(folder);
        Files.writeString(folder.resolve("meta.txt"), width + " " + height + " " + count + "\n");
        ByteBuffer bgr = ByteBuffer.allocateDirect(width * height * 3);
        byte[] bytes = new byte[bgr.capacity()];
        try (OutputStream frames = new BufferedOutputStream(Files.newOutputStream(folder.resolve("frames.bgr")));
                Writer boxes = Files.newBufferedWriter(folder.resolve("boxes.csv"), StandardCharsets.UTF_8)) {
            boxes.write("frame,id,left,top,right,bottom,visible,inside\n");
            int written = 0;
            for (int i = 0; i < scenes; i++) {
                Scene scene = Scene.of(options[0] == 0 ? 0 : Hash.of(seed, i, 5) >>> 1);
                double busy = 3 + 13 * Hash.unit(seed, i, 6);
                Backdrop backdrop = new Backdrop(scene, scene.view(width, height));
                Shop shop = new Shop(scene, backdrop, Hash.of(seed, i, 7), FPS, busy);
                shop.advanceTo(200);
                for (int last = (int) ((long) count * (i + 1) / scenes); written < last; written++) {
                    shop.advanceTo(shop.frame() + 1 + options[1]);
                    for (Sighting s : shop.draw(bgr)) {
                        boxes.write(line(written, s));
                    }
                    bgr.get(0, bytes);
                    frames.write(bytes);
                }
            }
        }
    }

    private static String line(int frame, Sighting s) {
        return String.format(
                Locale.ROOT,
                "%d,%d,%.2f,%.2f,%.2f,%.2f,%.3f,%d%n",
                frame,
                s.id(),
                s.left(),
                s.top(),
                s.right(),
                s.bottom(),
                s.visible(),
                s.inside() ? 1 : 0);
    }
}
