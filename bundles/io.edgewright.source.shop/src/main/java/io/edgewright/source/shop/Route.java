// SPDX-License-Identifier: Apache-2.0
package io.edgewright.source.shop;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;

/** Finds ways around the furniture: breadth first on a grid, then straightened. */
final class Route {

    private static final double CELL = 0.2;
    private static final int COLUMNS = 50;
    private static final int ROWS = 56;
    private static final double BODY = 0.24;
    private static final int[][] AROUND = {{0, 1}, {1, 0}, {0, -1}, {-1, 0}, {1, 1}, {1, -1}, {-1, -1}, {-1, 1}};

    private final boolean[] blocked = new boolean[COLUMNS * ROWS];

    Route(Scene scene) {
        for (int i = 0; i < blocked.length; i++) {
            double x = (i % COLUMNS + 0.5) * CELL;
            double y = (i / COLUMNS + 0.5) * CELL;
            boolean inDoor = x > scene.doorLeft + 0.3 && x < scene.doorRight - 0.3;
            boolean wall = y > Scene.DEPTH - 0.3 && y < Scene.DEPTH + 0.4 && !inDoor;
            blocked[i] = wall || y < 1.1 || x < 0.3 || x > Scene.WIDTH - 0.3 || near(scene, x, y);
        }
    }

    private static boolean near(Scene scene, double x, double y) {
        for (Block block : scene.blocks) {
            if (block.distance(x, y) < BODY) {
                return true;
            }
        }
        return false;
    }

    boolean free(double x, double y) {
        int column = (int) Math.floor(x / CELL);
        int row = (int) Math.floor(y / CELL);
        return column >= 0 && column < COLUMNS && row >= 0 && row < ROWS && !blocked[row * COLUMNS + column];
    }

    /** {@return places to walk to one after the other; only the goal itself if there is no way} */
    Deque<Point> find(Point from, Point to) {
        int start = nearestFree(from);
        int goal = nearestFree(to);
        int[] next = new int[blocked.length];
        Arrays.fill(next, -1);
        next[goal] = goal;
        ArrayDeque<Integer> open = new ArrayDeque<>(List.of(goal));
        while (next[start] < 0 && !open.isEmpty()) {
            spread(open.remove(), next, open);
        }
        Deque<Point> way = new ArrayDeque<>();
        if (next[start] >= 0) {
            straighten(from, start, goal, next, way);
        }
        way.add(to);
        return way;
    }

    private void spread(int cell, int[] next, Deque<Integer> open) {
        int column = cell % COLUMNS;
        int row = cell / COLUMNS;
        for (int k = 0; k < 8; k++) {
            int c = column + AROUND[k][0];
            int r = row + AROUND[k][1];
            if (c >= 0 && c < COLUMNS && r >= 0 && r < ROWS && next[r * COLUMNS + c] < 0 && !blocked[r * COLUMNS + c]) {
                next[r * COLUMNS + c] = cell;
                open.add(r * COLUMNS + c);
            }
        }
    }

    private void straighten(Point from, int start, int goal, int[] next, Deque<Point> way) {
        Point anchor = from;
        int cell = start;
        Point last = centre(start);
        while (cell != goal) {
            cell = next[cell];
            Point here = centre(cell);
            if (!clear(anchor, here)) {
                way.add(last);
                anchor = last;
            }
            last = here;
        }
    }

    private boolean clear(Point a, Point b) {
        int steps = 1 + (int) (a.walk(b) / 0.08);
        for (int i = 1; i <= steps; i++) {
            double t = (double) i / steps;
            if (!free(a.x() + t * (b.x() - a.x()), a.y() + t * (b.y() - a.y()))) {
                return false;
            }
        }
        return true;
    }

    private int nearestFree(Point p) {
        int best = 0;
        double least = Double.MAX_VALUE;
        for (int i = 0; i < blocked.length; i++) {
            double d = blocked[i] ? Double.MAX_VALUE : centre(i).walk(p);
            if (d < least) {
                least = d;
                best = i;
            }
        }
        return best;
    }

    private static Point centre(int cell) {
        return new Point((cell % COLUMNS + 0.5) * CELL, (cell / COLUMNS + 0.5) * CELL, 0);
    }
}
