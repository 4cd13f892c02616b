// SPDX-License-Identifier: Apache-2.0
package io.edgewright.source.shop;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.SplittableRandom;

/** One customer: comes in, looks at goods, queues, pays, leaves. */
final class Customer {

    /** What a customer does. */
    enum Stage {
        WALKING,
        BROWSING,
        QUEUEING,
        LEAVING,
        GONE
    }

    final int id;
    final Outfit outfit;
    final SplittableRandom random;
    Stage stage = Stage.WALKING;
    int stops;
    boolean buys;
    double timer;
    double lookAt;
    long enteredTick = -1;
    long leftTick = -1;

    private final double pace;
    private Point place;
    private Point goal;
    private Deque<Point> way = new ArrayDeque<>();
    private double heading;
    private double speed;
    private double phase;
    private double stuck;
    private double age;

    Customer(int id, Point place, SplittableRandom random) {
        this.id = id;
        this.random = random;
        this.outfit = new Outfit(random);
        this.place = place;
        this.goal = place;
        this.pace = Scene.range(random, 0.75, 1.3);
        this.stops = 1 + random.nextInt(4);
        this.buys = random.nextInt(4) > 0;
        this.heading = -Math.PI / 2;
        this.age = random.nextDouble() * 10;
    }

    Point target() {
        return goal;
    }

    Point place() {
        return place;
    }

    double heading() {
        return heading;
    }

    double phase() {
        return phase;
    }

    /** {@return how wide the legs swing, 0..1} */
    double stride() {
        return Math.min(1, speed / 1.0);
    }

    /** {@return how far the hand is stretched out, 0..1} */
    double reach() {
        if (stage != Stage.BROWSING && stage != Stage.QUEUEING) {
            return 0;
        }
        double wave = StrictMath.sin(age * 0.9 + id);
        return (stage == Stage.BROWSING ? 0.9 : 0.35) * Math.max(0, Math.min(1, wave * 1.6));
    }

    /** {@return where the head turns, -1..1} */
    double glance() {
        return StrictMath.sin(age * 0.53 + 2 * id);
    }

    void goTo(Point target, Route route) {
        if (target.walk(goal) > 1e-6 || way.isEmpty()) {
            goal = target;
            way = route.find(place, target);
        }
    }

    boolean arrived() {
        return place.walk(goal) < 0.12;
    }

    void turnTo(double direction, double seconds) {
        double turn = StrictMath.IEEEremainder(direction - heading, 2 * Math.PI);
        heading += Math.max(-4 * seconds, Math.min(4 * seconds, turn));
    }

    /** Moves on for a moment, giving way to the others. */
    void step(double seconds, Iterable<Customer> others, Route route) {
        age += seconds;
        while (!way.isEmpty() && place.walk(way.peek()) < (way.size() > 1 ? 0.3 : 0.1)) {
            way.remove();
        }
        Point next = way.isEmpty() ? goal : way.peek();
        double distance = place.walk(next);
        double wish = distance < 0.08 ? 0 : Math.min(pace, 0.25 + 2 * distance);
        double vx = distance < 1e-6 ? 0 : wish * (next.x() - place.x()) / distance;
        double vy = distance < 1e-6 ? 0 : wish * (next.y() - place.y()) / distance;
        Point push = stuck > 1.5 ? new Point(0, 0, 0) : push(others);
        Point before = place;
        move((vx + push.x()) * seconds, (vy + push.y()) * seconds, route);
        double moved = before.walk(place);
        speed += (moved / seconds - speed) * Math.min(1, 6 * seconds);
        phase += moved * 4.2 / outfit.height * 1.7;
        boolean held = wish > 0.2 && moved < 0.25 * wish * seconds;
        stuck = held || stuck > 1.5 ? stuck + seconds : 0;
        stuck = stuck > 3.5 ? 0 : stuck;
        if (wish > 0 && moved > 0.15 * seconds) {
            turnTo(StrictMath.atan2(place.y() - before.y(), place.x() - before.x()), seconds);
        }
    }

    private Point push(Iterable<Customer> others) {
        double x = 0;
        double y = 0;
        for (Customer other : others) {
            double d = place.walk(other.place);
            if (other != this && d < 0.75 && d > 1e-6) {
                double force = 2.2 * (0.75 - d) / d;
                double dx = place.x() - other.place.x();
                double dy = place.y() - other.place.y();
                x += force * (dx - 0.4 * dy); // a little to the right, so that two who meet pass each other
                y += force * (dy + 0.4 * dx);
            }
        }
        boolean still = stage == Stage.BROWSING || stage == Stage.QUEUEING && arrived();
        return new Point(still ? x * 0.15 : x, still ? y * 0.15 : y, 0);
    }

    private void move(double dx, double dy, Route route) {
        boolean inside = route.free(place.x(), place.y());
        if (!inside || route.free(place.x() + dx, place.y() + dy)) {
            place = new Point(place.x() + dx, place.y() + dy, 0);
        } else if (route.free(place.x() + dx, place.y())) {
            place = new Point(place.x() + dx, place.y(), 0);
        } else if (route.free(place.x(), place.y() + dy)) {
            place = new Point(place.x(), place.y() + dy, 0);
        }
    }
}
