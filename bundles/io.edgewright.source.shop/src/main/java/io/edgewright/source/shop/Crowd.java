// SPDX-License-Identifier: Apache-2.0
package io.edgewright.source.shop;

import io.edgewright.source.shop.Customer.Stage;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** All customers of a shop, tick by tick. Depends on nothing but the seed. */
final class Crowd {

    /** More would not find room between the shelves. */
    static final int MOST = 14;

    private final Scene scene;
    private final Route route;
    private final SplittableRandom random;
    private final double perSecond;
    private final double tickSeconds;
    private final List<Customer> customers = new ArrayList<>();
    private final List<Customer> queue = new ArrayList<>();
    private long tick;
    private int nextId = 1;
    private double untilNext;

    Crowd(Scene scene, long seed, double customersPerMinute, double tickSeconds) {
        this.scene = scene;
        this.route = new Route(scene);
        this.random = new SplittableRandom(Hash.of(seed, 1));
        this.perSecond = customersPerMinute / 60;
        this.tickSeconds = tickSeconds;
        this.untilNext = perSecond > 0 ? 1 : Double.MAX_VALUE;
    }

    List<Customer> customers() {
        return customers;
    }

    long tick() {
        return tick;
    }

    void step() {
        arrive();
        for (Customer customer : customers) {
            decide(customer);
            customer.step(tickSeconds, customers, route);
            note(customer);
        }
        customers.removeIf(c -> c.stage == Stage.GONE);
        tick++;
    }

    private void arrive() {
        untilNext -= tickSeconds;
        if (untilNext > 0) {
            return;
        }
        untilNext = -StrictMath.log(1 - random.nextDouble()) / perSecond;
        SplittableRandom own = random.split();
        if (customers.size() < MOST) {
            double side = Scene.range(own, -1, 1);
            Point start = new Point(doorMiddle() + 0.8 + side, Scene.DEPTH + 2.6, 0);
            Customer customer = new Customer(nextId++, start, own);
            customers.add(customer);
            browse(customer);
        }
    }

    private double doorMiddle() {
        return (scene.doorLeft + scene.doorRight) / 2;
    }

    private void browse(Customer customer) {
        Point spot = scene.browsing.get(customer.random.nextInt(scene.browsing.size()));
        for (int i = 0; i < 4 && taken(spot); i++) {
            spot = scene.browsing.get(customer.random.nextInt(scene.browsing.size()));
        }
        customer.stops--;
        customer.stage = Stage.WALKING;
        customer.timer = Scene.range(customer.random, 3, 14);
        customer.goTo(spot, route);
        customer.lookAt = spot.z();
    }

    private boolean taken(Point spot) {
        return customers.stream().anyMatch(c -> c.target().walk(spot) < 0.5);
    }

    private void decide(Customer customer) {
        switch (customer.stage) {
            case WALKING -> {
                if (customer.arrived()) {
                    customer.stage = Stage.BROWSING;
                }
            }
            case BROWSING -> {
                customer.turnTo(customer.lookAt, tickSeconds);
                customer.timer -= tickSeconds;
                if (customer.timer <= 0) {
                    afterBrowsing(customer);
                }
            }
            case QUEUEING -> queue(customer);
            default -> {
                if (customer.arrived()) {
                    customer.stage = Stage.GONE;
                }
            }
        }
    }

    private void afterBrowsing(Customer customer) {
        if (customer.stops > 0) {
            browse(customer);
        } else if (customer.buys && queue.size() < scene.queue.size()) {
            customer.stage = Stage.QUEUEING;
            customer.timer = Scene.range(customer.random, 5, 13);
            queue.add(customer);
        } else {
            leave(customer);
        }
    }

    private void queue(Customer customer) {
        int position = queue.indexOf(customer);
        customer.goTo(scene.queue.get(position), route);
        if (customer.arrived()) {
            customer.turnTo(position == 0 ? 0 : -Math.PI / 2, tickSeconds);
            if (position == 0) {
                customer.timer -= tickSeconds;
            }
        }
        if (customer.timer <= 0) {
            queue.remove(customer);
            leave(customer);
        }
    }

    private void leave(Customer customer) {
        customer.stage = Stage.LEAVING;
        double side = Scene.range(customer.random, -1, 1);
        customer.goTo(new Point(doorMiddle() + 0.8 + side, Scene.DEPTH + 2.7, 0), route);
    }

    private void note(Customer customer) {
        boolean inside = customer.place().y() < Scene.DEPTH;
        if (inside && customer.enteredTick < 0) {
            customer.enteredTick = tick;
        } else if (!inside && customer.enteredTick >= 0 && customer.leftTick < 0) {
            customer.leftTick = tick;
        }
    }
}
