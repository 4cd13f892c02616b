// SPDX-License-Identifier: Apache-2.0
package io.edgewright.app.retail;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What was counted since the application started; survives changes of its settings. Thread-safe. */
final class Totals {

    private static final int KEPT = 500;

    /** Crossings of one line. */
    record Crossings(long in, long out) {}

    /** A visit with the moments it began and ended by the gateway's clock. */
    record TimedVisit(Visit visit, String start, String end) {}

    private final Map<String, Long> visits = new TreeMap<>(); // by zone
    private final Map<String, Crossings> crossings = new TreeMap<>(); // by line
    private final Map<String, Integer> occupancy = new TreeMap<>(); // by zone
    private final Deque<TimedVisit> last = new ArrayDeque<>();

    synchronized long countVisit(String zone) {
        return visits.merge(zone, 1L, Long::sum);
    }

    synchronized void keep(TimedVisit visit) {
        if (last.size() == KEPT) {
            last.removeFirst();
        }
        last.addLast(visit);
    }

    synchronized Crossings cross(String line, boolean in) {
        return crossings.merge(
                line, new Crossings(in ? 1 : 0, in ? 0 : 1), (a, b) -> new Crossings(a.in + b.in, a.out + b.out));
    }

    /** {@return true if it is another number than before} */
    synchronized boolean setOccupancy(String zone, int count) {
        Integer before = occupancy.put(zone, count);
        return (before == null ? 0 : before) != count;
    }

    synchronized long visits(String zone) {
        return visits.getOrDefault(zone, 0L);
    }

    synchronized int occupancy(String zone) {
        return occupancy.getOrDefault(zone, 0);
    }

    synchronized Crossings crossings(String line) {
        return crossings.getOrDefault(line, new Crossings(0, 0));
    }

    /** {@return the last visits, newest last} */
    synchronized List<TimedVisit> last() {
        return new ArrayList<>(last);
    }
}
