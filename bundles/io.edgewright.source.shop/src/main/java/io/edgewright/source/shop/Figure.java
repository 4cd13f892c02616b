// SPDX-License-Identifier: Apache-2.0
package io.edgewright.source.shop;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Turns a customer's pose into limbs. Proportions follow Drillis and Contini (1966), roughly. */
final class Figure {

    private final View view;
    private final Outfit outfit;
    private final Point at;
    private final double tall;
    private final double cos;
    private final double sin;
    private final List<Limb> limbs = new ArrayList<>();

    private Figure(View view, Customer customer) {
        this.view = view;
        this.outfit = customer.outfit;
        this.at = customer.place();
        this.tall = outfit.height;
        this.cos = StrictMath.cos(customer.heading());
        this.sin = StrictMath.sin(customer.heading());
    }

    /** Draws a customer. */
    static void draw(Canvas canvas, View view, Customer customer) {
        Figure figure = new Figure(view, customer);
        double swing = customer.stride() * StrictMath.sin(customer.phase());
        double lift = customer.stride() * StrictMath.cos(customer.phase());
        figure.legs(swing, lift);
        figure.torso();
        figure.arms(swing, customer.reach());
        figure.head(customer.glance());
        figure.baggage();
        canvas.shadow(new Point(figure.at.x() + 0.04, figure.at.y(), 0), 0.42, 0.42);
        figure.limbs.sort(Comparator.comparingDouble(
                (Limb limb) -> -limb.middle().minus(view.eye).length()));
        figure.limbs.forEach(canvas::limb);
    }

    /** {@return a place on the figure, in body heights: forward, to the left, up} */
    private Point spot(double forward, double left, double up) {
        return new Point(
                at.x() + tall * (forward * cos - left * sin), at.y() + tall * (forward * sin + left * cos), tall * up);
    }

    private void add(Point a, double ra, Point b, double rb, int colour) {
        limbs.add(Limb.plain(a, ra * tall, b, rb * tall, colour));
    }

    private void legs(double swing, double lift) {
        double g = 0.6 + 0.4 * outfit.girth;
        for (int side = -1; side <= 1; side += 2) {
            double s = swing * side;
            double up = Math.max(0, lift * side) * 0.06;
            Point hip = spot(0, 0.052 * side, 0.5);
            Point knee = spot(0.55 * s * 0.28 + 0.25 * up, 0.05 * side, 0.28 + up * 0.5);
            Point ankle = spot(s * 0.28 - 0.4 * up, 0.05 * side, 0.045 + up);
            int leg = outfit.skirt ? outfit.skin : outfit.bottom;
            add(hip, 0.053 * g, knee, 0.036 * g, leg);
            add(knee, 0.036 * g, ankle, 0.025 * g, leg);
            add(ankle, 0.027, spot(s * 0.28 - 0.4 * up + 0.085, 0.055 * side, 0.02 + up), 0.019, outfit.shoes);
        }
        if (outfit.skirt) {
            Point hem = spot(0.02 * swing, 0, outfit.hem);
            add(spot(0, 0, 0.53), wide(0.075, 0.06), hem, wide(0.1, 0.085), outfit.bottom);
        }
    }

    /** {@return the half-width of an oval body as the camera sees it} */
    private double wide(double side, double front) {
        double facing = view.facing(at, cos, sin);
        double across = Math.sqrt(Math.max(0, 1 - facing * facing));
        return outfit.girth * Math.sqrt(side * side * facing * facing + front * front * across * across);
    }

    private void torso() {
        Point hips = spot(0, 0, 0.54);
        Point waist = spot(0.01, 0, 0.62);
        Point chest = spot(0.005, 0, 0.74);
        add(spot(0, 0, 0.515), wide(0.082, 0.062), hips, wide(0.088, 0.066), outfit.skirt ? outfit.bottom : outfit.top);
        limbs.add(new Limb(
                waist,
                wide(0.08, 0.066) * tall,
                chest,
                wide(0.098, 0.066) * tall,
                outfit.top,
                outfit.pattern,
                outfit.second,
                true));
        add(hips, wide(0.088, 0.066), waist, wide(0.08, 0.066), outfit.top);
        add(spot(0.005, 0, 0.79), 0.032, spot(0.01, 0, 0.86), 0.03, outfit.skin);
    }

    private void arms(double swing, double reach) {
        double g = 0.6 + 0.4 * outfit.girth;
        for (int side = -1; side <= 1; side += 2) {
            double s = -swing * side * 0.8;
            double out = side < 0 ? reach : reach * 0.25;
            Point shoulder = spot(0, 0.105 * side * (0.7 + 0.3 * outfit.girth), 0.795);
            Point elbow = spot(0.1 * s + 0.14 * out, 0.128 * side, 0.625 + 0.07 * out);
            Point wrist = spot(0.03 + 0.22 * s + 0.28 * out, 0.118 * side * (1 - 0.4 * out), 0.48 + 0.26 * out);
            add(shoulder, 0.036 * g, elbow, 0.027 * g, outfit.top);
            add(elbow, 0.026 * g, wrist, 0.02 * g, outfit.shortSleeves ? outfit.skin : outfit.top);
            add(wrist, 0.02, spot(0.045 + 0.24 * s + 0.3 * out, 0.115 * side, 0.465 + 0.26 * out), 0.019, outfit.skin);
        }
    }

    private void head(double glance) {
        Point centre = spot(0.022, 0.02 * glance, 0.925);
        Point face = spot(0.036, 0.03 * glance, 0.915);
        add(face, 0.054, spot(0.03, 0.02 * glance, 0.94), 0.056, outfit.skin);
        add(spot(-0.004, 0, 0.945), 0.06, centre.plus(new Point(0, 0, 0.022 * tall)), 0.058, outfit.hair);
        if (outfit.hairStyle == 1) {
            add(spot(-0.025, 0, 0.93), 0.055, spot(-0.035, 0, 0.83), 0.042, outfit.hair);
        } else if (outfit.hairStyle == 2) {
            add(spot(-0.06, 0, 0.97), 0.027, spot(-0.075, 0, 0.94), 0.024, outfit.hair);
        }
        if (outfit.hat) {
            add(spot(0.0, 0, 0.965), 0.064, spot(0.006, 0, 0.98), 0.052, outfit.hatColour);
            add(spot(0.05, 0, 0.955), 0.03, spot(0.085, 0, 0.948), 0.02, outfit.hatColour);
        }
    }

    private void baggage() {
        switch (outfit.bag) {
            case 0 ->
                limbs.add(Limb.thing(
                        spot(-0.1, 0, 0.73), 0.072 * tall, spot(-0.105, 0, 0.61), 0.078 * tall, outfit.bagColour));
            case 1 -> {
                limbs.add(Limb.thing(
                        spot(0.03, 0.15, 0.5), 0.035 * tall, spot(-0.03, 0.15, 0.42), 0.06 * tall, outfit.bagColour));
                limbs.add(Limb.thing(
                        spot(0, 0.1, 0.79), 0.008 * tall, spot(0, 0.15, 0.5), 0.008 * tall, outfit.bagColour));
            }
            case 2 -> {
                limbs.add(Limb.thing(
                        spot(0.09, -0.15, 0.36), 0.035 * tall, spot(-0.05, -0.15, 0.36), 0.035 * tall, 0x8f3a34));
                limbs.add(Limb.thing(
                        spot(0.02, -0.14, 0.45), 0.009 * tall, spot(0.07, -0.15, 0.39), 0.009 * tall, 0x55585c));
                limbs.add(Limb.thing(
                        spot(0.02, -0.14, 0.45), 0.009 * tall, spot(-0.03, -0.15, 0.39), 0.009 * tall, 0x55585c));
            }
            default -> {
                // empty hands
            }
        }
    }
}
