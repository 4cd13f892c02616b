// SPDX-License-Identifier: Apache-2.0
package io.edgewright.source.shop;

import io.edgewright.source.shop.Canvas.Pattern;
import java.util.SplittableRandom;

/** What a customer looks like, drawn by lot. */
final class Outfit {

    private static final int[] SKIN = {0xf2cfb4, 0xe5b594, 0xd19c74, 0xb27b52, 0x8d5a38, 0x5f3a24};
    private static final int[] HAIR = {0x17120f, 0x2f2018, 0x4f3522, 0x7a5530, 0xb48a4e, 0x8d8a86, 0xd2cec6, 0x6e2f1c};
    private static final int[] CLOTH = {
        0x23272e, 0xe8e6e0, 0x2f4a76, 0x8c2f34, 0x4a6b3f, 0xc9a13b, 0x6d6f73, 0x1f6a72, 0x8a5a86, 0xd07a3f, 0x9db4c9,
        0x5a4632, 0xc8b79a, 0x3b2b52, 0xb3485f, 0x20603f
    };
    private static final int[] TROUSERS = {
        0x23262c, 0x2c3d5c, 0x4c5e80, 0x5b5348, 0x8a8172, 0x39342e, 0x6b6e72, 0xa59b86
    };

    final double height;
    final double girth;
    final int skin;
    final int hair;
    final int hairStyle;
    final int top;
    final int second;
    final Pattern pattern;
    final boolean shortSleeves;
    final int bottom;
    final boolean skirt;
    final double hem;
    final int shoes;
    final int bag;
    final int bagColour;
    final boolean hat;
    final int hatColour;

    Outfit(SplittableRandom random) {
        boolean child = random.nextInt(10) == 0;
        height = child ? Scene.range(random, 1.12, 1.4) : Scene.range(random, 1.54, 1.94);
        girth = Scene.range(random, 0.85, 1.32) * (child ? 0.75 : 1);
        skin = Colour.scale(SKIN[random.nextInt(SKIN.length)], Scene.range(random, 0.92, 1.05));
        hair = Colour.scale(HAIR[random.nextInt(HAIR.length)], Scene.range(random, 0.85, 1.15));
        hairStyle = random.nextInt(4);
        top = cloth(random, CLOTH);
        second = cloth(random, CLOTH);
        int kind = random.nextInt(6);
        pattern = kind == 0 ? Pattern.STRIPES : kind == 1 ? Pattern.CHECKS : Pattern.PLAIN;
        shortSleeves = random.nextInt(5) < 2;
        skirt = random.nextInt(5) == 0;
        hem = Scene.range(random, 0.12, 0.5);
        bottom = cloth(random, skirt ? CLOTH : TROUSERS);
        shoes = random.nextInt(4) == 0 ? 0xe4e2dc : cloth(random, TROUSERS);
        bag = random.nextInt(5);
        bagColour = cloth(random, CLOTH);
        hat = random.nextInt(7) == 0;
        hatColour = cloth(random, CLOTH);
    }

    private static int cloth(SplittableRandom random, int[] palette) {
        return Colour.scale(palette[random.nextInt(palette.length)], Scene.range(random, 0.78, 1.12));
    }
}
