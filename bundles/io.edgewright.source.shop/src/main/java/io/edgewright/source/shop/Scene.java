// SPDX-License-Identifier: Apache-2.0
package io.edgewright.source.shop;

import io.edgewright.source.shop.Block.Material;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * The shop without its customers: 10 m wide, 8 m deep, the door in the back wall. Scene 0 is the standard one; every
 * other number gives another camera position, other colours, other furniture and another light.
 */
final class Scene {

    static final double WIDTH = 10;
    static final double DEPTH = 8;

    final long number;
    final Point eye;
    final Point target;
    final double focalLength;
    final double doorLeft;
    final double doorRight;
    final double brightness;
    final double warmth;
    final int floorColour;
    final int wallColour;
    final int floorKind;
    final List<Block> blocks;
    /** Where customers look at goods: z is the direction that they look, in radians from the x axis. */
    final List<Point> browsing;
    /** The first is where one pays. */
    final List<Point> queue;

    private static final int[] FLOORS = {0xb9b4a8, 0xa89b86, 0x9aa3a8, 0xc7c2b8, 0x8c8378, 0xb59f80, 0x7f8a8e};
    private static final int[] WALLS = {0xd8d4c8, 0xc9d3d2, 0xd9c9b2, 0xb8c4b4, 0xd2d2d8, 0xc2b5a8};

    private Scene(long number) {
        SplittableRandom random = new SplittableRandom(Hash.of(number, 77));
        boolean standard = number == 0;
        double vary = standard ? 0 : 1;
        this.number = number;
        this.eye = new Point(
                5 + vary * range(random, -2.4, 2.4),
                -1.6 + vary * range(random, -0.5, 0.7),
                4.2 + vary * range(random, -0.9, 0.7));
        this.target = new Point(
                5 + vary * range(random, -0.8, 0.8),
                4.3 + vary * range(random, -0.4, 0.5),
                0.5 + vary * range(random, -0.3, 0.3));
        this.focalLength = 0.7 + vary * range(random, -0.07, 0.14);
        this.doorLeft = 1.1 + vary * range(random, -0.2, 0.5);
        this.doorRight = doorLeft + 1.5;
        this.brightness = 1 + vary * range(random, -0.32, 0.14);
        this.warmth = vary * range(random, -0.07, 0.09);
        this.floorColour = standard ? FLOORS[0] : FLOORS[random.nextInt(FLOORS.length)];
        this.wallColour = standard ? WALLS[0] : WALLS[random.nextInt(WALLS.length)];
        this.floorKind = standard ? 0 : random.nextInt(3);
        this.blocks = List.copyOf(furnish(random, vary));
        this.browsing = List.copyOf(browsing(blocks));
        this.queue = List.of(
                new Point(7.1, 2.9, 0), new Point(7.05, 3.7, 0), new Point(7.1, 4.5, 0), new Point(7.0, 5.3, 0));
    }

    static Scene of(long number) {
        return new Scene(number);
    }

    View view(int width, int height) {
        return new View(width, height, eye, target, focalLength);
    }

    private static List<Block> furnish(SplittableRandom random, double vary) {
        List<Block> list = new ArrayList<>();
        double shift = vary * range(random, -0.25, 0.25);
        double tall = 1.3 + vary * range(random, -0.2, 0.25);
        long goods = random.nextLong();
        list.add(Block.of(0, 1.4, 0.5, 5.9, 1.9, Material.GOODS, goods));
        list.add(Block.of(2.3 + shift, 2.3, 3.0 + shift, 5.5, tall, Material.GOODS, goods + 1));
        list.add(Block.of(4.7 + shift, 2.3, 5.4 + shift, 5.5, tall, Material.GOODS, goods + 2));
        list.add(Block.of(3.5, 7.4, 6.7, 8, 2.0, Material.COOLER, goods + 3));
        list.add(Block.of(9.5, 4.7, 10, 7.7, 1.9, Material.GOODS, goods + 4));
        list.add(Block.of(7.6, 1.6, 8.4, 3.9, 0.95, Material.WOOD, goods + 5));
        list.add(Block.of(7.85, 2.6, 8.0, 3.1, 0.35, Material.SCREEN, goods + 6).raised(0.95));
        list.add(
                Block.of(7.75, 1.9, 8.25, 2.2, 0.18, Material.CARTON, goods + 7).raised(0.95));
        list.add(Block.of(8.9, 7.3, 9.4, 7.8, 0.4, Material.METAL, goods + 8));
        list.add(Block.of(8.95, 7.35, 9.35, 7.75, 0.75, Material.PLANT, goods + 9)
                .raised(0.4));
        if (vary == 0 || random.nextInt(2) == 0) {
            list.add(Block.of(3.5, 6.1, 4.3, 6.6, 0.8, Material.CARTON, goods + 10));
        }
        if (vary == 0 || random.nextInt(3) > 0) {
            list.add(Block.of(0.05, 6.4, 0.5, 7.6, 0.9, Material.METAL, goods + 11));
        }
        return list;
    }

    private static List<Point> browsing(List<Block> blocks) {
        List<Point> spots = new ArrayList<>();
        for (Block block : blocks) {
            if (block.material() == Material.GOODS) {
                for (double y = block.low().y() + 0.4; y < block.high().y() - 0.3; y += 0.6) {
                    if (block.high().x() + 0.5 < WIDTH) {
                        spots.add(new Point(block.high().x() + 0.45, y, Math.PI));
                    }
                    if (block.low().x() - 0.5 > 0) {
                        spots.add(new Point(block.low().x() - 0.45, y, 0));
                    }
                }
            } else if (block.material() == Material.COOLER) {
                for (double x = block.low().x() + 0.4; x < block.high().x() - 0.3; x += 0.7) {
                    spots.add(new Point(x, block.low().y() - 0.5, Math.PI / 2));
                }
            }
        }
        return spots;
    }

    static double range(SplittableRandom random, double low, double high) {
        return low + (high - low) * random.nextDouble();
    }
}
