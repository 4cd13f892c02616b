// SPDX-License-Identifier: Apache-2.0
package io.edgewright.vision;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Locale;

/**
 * Draws boxes, lines and short texts on a picture, without fonts of the system: a gateway may have none. Texts know
 * letters (as capitals), digits and a few signs; others are left blank. One thread at a time.
 */
public final class Overlay {

    private static final String SIGNS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.%-:#/";

    /** 3 x 5 dots a sign, five rows of three bits from the top, the left dot first. */
    private static final int[] DOTS = {
        0b010_101_111_101_101, 0b110_101_110_101_110, 0b011_100_100_100_011, 0b110_101_101_101_110,
        0b111_100_110_100_111, 0b111_100_110_100_100, 0b011_100_101_101_011, 0b101_101_111_101_101,
        0b111_010_010_010_111, 0b001_001_001_101_010, 0b101_101_110_101_101, 0b100_100_100_100_111,
        0b101_111_111_101_101, 0b111_101_101_101_101, 0b010_101_101_101_010, 0b110_101_110_100_100,
        0b010_101_101_111_011, 0b110_101_110_101_101, 0b011_100_010_001_110, 0b111_010_010_010_010,
        0b101_101_101_101_111, 0b101_101_101_101_010, 0b101_101_111_111_101, 0b101_101_010_101_101,
        0b101_101_010_010_010, 0b111_001_010_100_111, 0b111_101_101_101_111, 0b010_110_010_010_111,
        0b110_001_010_100_111, 0b110_001_010_001_110, 0b101_101_111_001_001, 0b111_100_110_001_110,
        0b011_100_111_101_111, 0b111_001_010_010_010, 0b111_101_111_101_111, 0b111_101_111_001_110,
        0b000_000_000_000_010, 0b101_001_010_100_101, 0b000_000_111_000_000, 0b000_010_000_010_000,
        0b101_111_101_111_101, 0b001_001_010_100_100
    };

    private final Picture picture;
    private final int dot;
    private int color = 0xffffff;

    /** @param picture is drawn on, in place */
    public Overlay(Picture picture) {
        this.picture = picture;
        this.dot = Math.max(1, picture.height() / 240);
    }

    /**
     * {@return this, drawing in another colour from now on}
     *
     * @param rgb such as {@code 0xff8800}
     */
    public Overlay color(int rgb) {
        this.color = rgb;
        return this;
    }

    /**
     * Draws a frame and a text at its upper edge.
     *
     * @param box where
     * @param text what; empty for none
     */
    public void box(Box box, String text) {
        Box inside = box.clipped();
        int left = Math.round(inside.left() * picture.width());
        int top = Math.round(inside.top() * picture.height());
        int right = Math.round(inside.right() * picture.width());
        int bottom = Math.round(inside.bottom() * picture.height());
        int thick = dot + 1;
        fill(left, top, right, top + thick, color);
        fill(left, bottom - thick, right, bottom, color);
        fill(left, top, left + thick, bottom, color);
        fill(right - thick, top, right, bottom, color);
        if (!text.isEmpty()) {
            text(text, left, Math.max(0, top - 9 * dot));
        }
    }

    /**
     * Draws a line through points, such as a counting line or the border of a zone.
     *
     * @param points in order
     * @param closed whether the last is joined to the first
     */
    public void path(List<Point> points, boolean closed) {
        for (int i = closed ? 0 : 1; i < points.size(); i++) {
            Point from = points.get(i == 0 ? points.size() - 1 : i - 1);
            Point to = points.get(i);
            double steps = 1 + from.distance(to) * Math.max(picture.width(), picture.height());
            for (int s = 0; s <= steps; s++) {
                int x = (int) ((from.x() + (to.x() - from.x()) * s / steps) * picture.width());
                int y = (int) ((from.y() + (to.y() - from.y()) * s / steps) * picture.height());
                fill(x, y, x + dot + 1, y + dot + 1, color);
            }
        }
    }

    /**
     * Writes a text on a ground of the current colour.
     *
     * @param text what
     * @param left where it begins, in pixels
     * @param top its upper edge, in pixels
     */
    public void text(String text, int left, int top) {
        String signs = text.toUpperCase(Locale.ROOT);
        fill(left, top, left + (signs.length() * 4 + 3) * dot, top + 9 * dot, color);
        int bright = ((color >> 16) & 255) * 3 + ((color >> 8) & 255) * 6 + (color & 255);
        int ink = bright > 1300 ? 0x000000 : 0xffffff;
        for (int i = 0; i < signs.length(); i++) {
            int sign = SIGNS.indexOf(signs.charAt(i));
            for (int n = 0; sign >= 0 && n < 15; n++) {
                if ((DOTS[sign] >> (14 - n) & 1) == 1) {
                    int x = left + (2 + i * 4 + n % 3) * dot;
                    int y = top + (2 + n / 3) * dot;
                    fill(x, y, x + dot, y + dot, ink);
                }
            }
        }
    }

    private void fill(int left, int top, int right, int bottom, int rgb) {
        ByteBuffer bgr = picture.bgr();
        for (int y = Math.max(0, top); y < Math.min(picture.height(), bottom); y++) {
            for (int x = Math.max(0, left); x < Math.min(picture.width(), right); x++) {
                int at = (y * picture.width() + x) * 3;
                bgr.put(at, (byte) rgb).put(at + 1, (byte) (rgb >> 8)).put(at + 2, (byte) (rgb >> 16));
            }
        }
    }
}
