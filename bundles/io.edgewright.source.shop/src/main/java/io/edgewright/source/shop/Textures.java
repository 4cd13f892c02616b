// SPDX-License-Identifier: Apache-2.0
package io.edgewright.source.shop;

/** The unlit colours of surfaces. */
final class Textures {

    private static final int BOARD = 0x6b5a48;
    private static final double BOARD_HEIGHT = 0.36;

    private final Scene scene;

    Textures(Scene scene) {
        this.scene = scene;
    }

    int floor(double x, double y) {
        return switch (scene.floorKind) {
            case 0 -> tiles(x, y, 0.6, scene.floorColour, 0.05);
            case 1 -> planks(x, y);
            default -> Colour.scale(scene.floorColour, 0.97 + 0.05 * cloud(x * 3, y * 3));
        };
    }

    int pavement(double x, double y) {
        return tiles(x, y, 0.45, 0xb0b0ae, 0.08);
    }

    int wall(double along, double z) {
        if (z < 0.12) {
            return Colour.scale(scene.wallColour, 0.55);
        }
        int stripe = scene.number == 0 ? 0x2f7f86 : Colour.hsv(Hash.unit(scene.number, 5, 5), 0.45, 0.62);
        return z > 2.35 && z < 2.6 ? stripe : Colour.scale(scene.wallColour, 0.98 + 0.04 * cloud(along * 2, z * 2));
    }

    int block(Block block, Point at, int axis) {
        return switch (block.material()) {
            case GOODS -> goods(block, at, axis);
            case COOLER -> axis == 1 ? cooler(block, at) : 0xc9ced2;
            case WOOD -> axis == 2 ? planksOf(at.y(), at.x(), 0xa97f55) : planksOf(at.y(), at.z(), 0x8a6644);
            case METAL -> Colour.scale(0x8f969c, 0.95 + 0.08 * cloud(at.x() * 9, at.z() * 30));
            case SCREEN -> axis == 0 || axis == 1 ? screen(block, at) : 0x2a2d30;
            case PLANT -> leaves(block, at);
            case CARTON -> Colour.scale(0xb58d60, 0.92 + 0.12 * cloud(at.x() * 6 + at.z(), at.y() * 6 + at.z() * 3));
        };
    }

    private int tiles(double x, double y, double size, int colour, double spread) {
        long i = (long) Math.floor(x / size);
        long j = (long) Math.floor(y / size);
        double fx = x / size - i;
        double fy = y / size - j;
        boolean joint = fx < 0.03 || fy < 0.03;
        double shade = 1 - spread / 2 + spread * Hash.unit(scene.number, i, j);
        return Colour.scale(colour, joint ? 0.78 : shade * (0.985 + 0.03 * cloud(x * 5, y * 5)));
    }

    private int planks(double x, double y) {
        return planksOf(y, x, scene.floorColour);
    }

    private int planksOf(double along, double across, int colour) {
        long row = (long) Math.floor(across / 0.16);
        double shifted = along + 0.7 * Hash.unit(scene.number, row, 1);
        long plank = (long) Math.floor(shifted / 1.3);
        boolean joint = across / 0.16 - row < 0.06 || shifted / 1.3 - plank < 0.01;
        double grain = 0.95 + 0.1 * cloud(along * 1.5, across * 40);
        return Colour.scale(colour, joint ? 0.7 : grain * (0.9 + 0.18 * Hash.unit(scene.number, row, plank)));
    }

    private int goods(Block block, Point at, int axis) {
        if (axis == 2) {
            return Colour.scale(BOARD, 1.25 + 0.1 * cloud(at.x() * 8, at.y() * 8));
        }
        double along = axis == 0 ? at.y() : at.x();
        long side = axis == 0 ? (at.x() > (block.low().x() + block.high().x()) / 2 ? 1 : 2) : 3;
        double z = at.z() - 0.1;
        if (z < 0) {
            return 0x4a4038;
        }
        long row = (long) Math.floor(z / BOARD_HEIGHT);
        double fz = (z - row * BOARD_HEIGHT) / BOARD_HEIGHT;
        if (fz < 0.1) {
            boolean label = Math.abs(along * 3 - Math.rint(along * 3)) < 0.25 && fz > 0.02 && fz < 0.085;
            return label ? 0xe9e2b8 : BOARD;
        }
        return item(block.seed() * 31 + side, row, along, (fz - 0.1) / 0.9);
    }

    /** One product: a kind fills a stretch of the board, its packets stand side by side. */
    private int item(long seed, long row, double along, double height) {
        long kind = (long) Math.floor(along / 0.55 + 0.3 * row);
        double pitch = 0.07 + 0.08 * Hash.unit(seed, row, kind * 4 + 1);
        double top = 0.5 + 0.4 * Hash.unit(seed, row, kind * 4 + 2);
        long packet = (long) Math.floor(along / pitch);
        boolean sold = Hash.unit(seed + 9, row * 131 + kind, packet) < 0.07;
        if (height > top || sold) {
            return 0x2e2822;
        }
        double fx = along / pitch - packet;
        int colour = Colour.hsv(
                Hash.unit(seed, row + 50, kind),
                0.15 + 0.55 * Hash.unit(seed, row + 60, kind),
                0.4 + 0.5 * Hash.unit(seed, row + 70, kind));
        if (fx < 0.08 || fx > 0.94) {
            return Colour.scale(colour, 0.5);
        }
        double band = height / top;
        if (band > 0.45 && band < 0.7 && fx > 0.2 && fx < 0.8) {
            return Colour.mix(colour, 0xfafaf5, 0.7);
        }
        return Colour.scale(colour, 0.85 + 0.25 * fx);
    }

    private int cooler(Block block, Point at) {
        double door = (at.x() - block.low().x()) / 0.8;
        double fx = door - Math.floor(door);
        if (fx < 0.05 || fx > 0.95 || at.z() < 0.15 || at.z() > 1.93) {
            return 0xaab0b5;
        }
        if (fx > 0.88 && at.z() > 0.8 && at.z() < 1.3) {
            return 0x4d5256;
        }
        double z = at.z() / 0.3;
        double fz = z - Math.floor(z);
        int inside = fz < 0.07 ? 0xdfe6ea : item(block.seed(), (long) Math.floor(z), at.x(), fz);
        double shine = Math.abs(fx - 0.3 - 0.15 * (at.z() - 1)) < 0.05 ? 0.3 : 0.1;
        return Colour.mix(inside, 0xeaf4fb, shine + 0.1);
    }

    private static int screen(Block block, Point at) {
        double z = (at.z() - block.low().z()) / (block.high().z() - block.low().z());
        double y = (at.y() - block.low().y()) / (block.high().y() - block.low().y());
        if (z < 0.1 || z > 0.9 || y < 0.06 || y > 0.94) {
            return 0x1e2124;
        }
        return z > 0.65 ? 0x3f8fd0 : (z * 8 % 1) < 0.5 && y < 0.7 ? 0xd8e8f4 : 0xf4f8fb;
    }

    private int leaves(Block block, Point at) {
        double n = cloud(at.x() * 14 + at.z() * 5, at.y() * 14 + at.z() * 17 + block.seed() % 7);
        return Colour.mix(0x1d3b1c, 0x5f9a4c, n);
    }

    /** Smooth noise 0..1 on a lattice of unit size. */
    private double cloud(double x, double y) {
        long i = (long) Math.floor(x);
        long j = (long) Math.floor(y);
        double fx = x - i;
        double fy = y - j;
        fx = fx * fx * (3 - 2 * fx);
        fy = fy * fy * (3 - 2 * fy);
        double a = Hash.unit(scene.number + 3, i, j);
        double b = Hash.unit(scene.number + 3, i + 1, j);
        double c = Hash.unit(scene.number + 3, i, j + 1);
        double d = Hash.unit(scene.number + 3, i + 1, j + 1);
        return (a + (b - a) * fx) * (1 - fy) + (c + (d - c) * fx) * fy;
    }
}
