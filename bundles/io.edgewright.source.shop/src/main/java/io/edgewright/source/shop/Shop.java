// SPDX-License-Identifier: Apache-2.0
package io.edgewright.source.shop;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;

/** A running shop: frame after frame of picture and truth. One thread at a time. */
final class Shop {

    private static final double LONGEST_TICK_SECONDS = 0.05;

    private final Scene scene;
    private final View view;
    private final Canvas canvas;
    private final Noise noise;
    private final long seed;
    private final double fps;
    private final int ticksPerFrame;
    private final Crowd crowd;
    private final TreeMap<Integer, Visit> visits = new TreeMap<>();
    private long frame = -1;

    Shop(Scene scene, Backdrop backdrop, long seed, double fps, double customersPerMinute) {
        this.scene = scene;
        this.view = backdrop.view;
        this.canvas = new Canvas(backdrop);
        this.noise = new Noise(view.width, 2.2);
        this.seed = seed;
        this.fps = fps;
        this.ticksPerFrame = Math.max(1, (int) Math.ceil(1 / (fps * LONGEST_TICK_SECONDS)));
        this.crowd = new Crowd(scene, seed, customersPerMinute, 1 / (fps * ticksPerFrame));
    }

    /**
     * When a customer was in the shop.
     *
     * @param id the customer's number
     * @param enteredFrame the first frame inside
     * @param leftFrame the first frame outside again, or -1
     */
    record Visit(int id, long enteredFrame, long leftFrame) {}

    /** {@return the last frame that was reached, -1 before the first} */
    long frame() {
        return frame;
    }

    /** Lets time go by without drawing. */
    void advanceTo(long target) {
        while (frame < target) {
            frame++;
            for (int i = 0; i < ticksPerFrame; i++) {
                crowd.step();
                crowd.customers().forEach(this::note);
            }
        }
    }

    private void note(Customer customer) {
        if (customer.enteredTick >= 0) {
            long left = customer.leftTick < 0 ? -1 : customer.leftTick / ticksPerFrame;
            visits.put(customer.id, new Visit(customer.id, customer.enteredTick / ticksPerFrame, left));
        }
    }

    /** {@return everyone who has entered so far} */
    List<Visit> visits() {
        return List.copyOf(visits.values());
    }

    /** Draws the present frame and {@return where the people are in it} */
    List<Sighting> draw(ByteBuffer bgr) {
        canvas.clear();
        List<Customer> order = new ArrayList<>(crowd.customers());
        order.sort(Comparator.comparingDouble((Customer c) -> -view.depth(c.place())));
        List<Canvas.Silhouette> outlines = new ArrayList<>();
        for (int i = 0; i < order.size(); i++) {
            canvas.begin(i + 1);
            Figure.draw(canvas, view, order.get(i));
            outlines.add(canvas.end());
        }
        double seconds = frame / fps;
        double flicker = 1 + 0.02 * StrictMath.sin(seconds * 0.7 + scene.number);
        double clouds = StrictMath.sin(seconds * 0.11 + seed % 17) + StrictMath.sin(seconds * 0.043 + 2);
        int sun = (int) (256 * Math.max(0, 0.32 + 0.16 * clouds));
        canvas.develop((int) (256 * flicker), sun, noise, Hash.of(seed, frame), bgr);
        return sightings(order, outlines);
    }

    private List<Sighting> sightings(List<Customer> order, List<Canvas.Silhouette> outlines) {
        int[] seen = canvas.seen(order.size());
        List<Sighting> list = new ArrayList<>();
        for (int i = 0; i < order.size(); i++) {
            Canvas.Silhouette s = outlines.get(i);
            double left = Math.max(0, s.left());
            double top = Math.max(0, s.top());
            double right = Math.min(view.width, s.right());
            double bottom = Math.min(view.height, s.bottom());
            if (right - left > 1 && bottom - top > 1 && s.pixels() > 0) {
                double visible = Math.min(1, (double) seen[i + 1] / s.pixels());
                boolean inside = order.get(i).place().y() < Scene.DEPTH;
                list.add(new Sighting(order.get(i).id, left, top, right, bottom, visible, inside));
            }
        }
        list.sort(Comparator.comparingInt(Sighting::id));
        return list;
    }
}
