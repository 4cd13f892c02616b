// SPDX-License-Identifier: Apache-2.0
package io.edgewright.app.retail;

import io.edgewright.vision.Box;
import io.edgewright.vision.Point;
import io.edgewright.vision.Track;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Who is in one zone, and since when. A stay outlives gaps in detection, and passes from a lost track to a new one that
 * appears nearby. It ends when nobody of it was seen for the time set; its end is when it was last seen.
 */
final class Presence {

    /** A box that reaches this near to a side of the picture may be leaving by it. */
    private static final float EDGE = 0.02f;

    /** A new track that lies so far within someone present is a second look at the same. */
    private static final float COVERED = 0.7f;

    private static final class Stay {
        private final String label;
        private final Duration start;
        private long track;
        private Duration last;
        private Box box;
        private boolean leaving;

        Stay(Track track, Duration start, Duration now) {
            this.label = track.label();
            this.start = start;
            this.track = track.id();
            this.last = now;
            this.box = track.box();
        }
    }

    private final String zone;
    private final Predicate<Point> inside;
    private final RetailSettings settings;
    private final List<Stay> stays = new ArrayList<>();
    private final Map<Long, Duration> since = new HashMap<>(); // by track: when it came in
    private final Map<Long, Boolean> fromEdge = new HashMap<>(); // by track: whether it began at a side of the picture

    /**
     * @param zone its name; empty for the whole picture
     * @param inside whether a foot point is in it
     * @param settings how long and how sure
     */
    Presence(String zone, Predicate<Point> inside, RetailSettings settings) {
        this.zone = zone;
        this.inside = inside;
        this.settings = settings;
    }

    String zone() {
        return zone;
    }

    /**
     * Takes the tracks of one picture.
     *
     * @param now the picture's time
     * @param tracks every track that counts, also those unconfirmed or not seen
     * @return the visits that have ended, numbered 0
     */
    List<Visit> update(Duration now, List<Track> tracks) {
        Set<Long> alive = new HashSet<>();
        Set<Long> seen = new HashSet<>();
        for (Track track : tracks) {
            alive.add(track.id());
            fromEdge.putIfAbsent(track.id(), atEdge(track.box()));
            if (track.seen()) {
                seen.add(track.id());
            }
        }
        for (Track track : tracks) {
            update(now, track, seen);
        }
        since.keySet().retainAll(alive);
        fromEdge.keySet().retainAll(alive);
        return end(now);
    }

    private void update(Duration now, Track track, Set<Long> seen) {
        Optional<Stay> stay = stays.stream().filter(s -> s.track == track.id()).findFirst();
        if (!track.seen()) {
            stay.ifPresent(s -> s.leaving |= atEdge(track.box()));
        } else if (!inside.test(track.box().foot())) {
            stay.ifPresent(s -> s.leaving = true);
            if (stay.isEmpty()) {
                since.remove(track.id());
            }
        } else {
            since.putIfAbsent(track.id(), zone.isEmpty() ? track.first() : now);
            if (stay.isPresent()) {
                see(stay.get(), now, track);
            } else if (track.confirmed() && !isCovered(track, seen)) {
                begin(now, track, seen);
            }
        }
    }

    private void begin(Duration now, Track track, Set<Long> seen) {
        Duration start = since.getOrDefault(track.id(), now);
        Optional<Stay> orphan = stays.stream()
                .filter(s -> !seen.contains(s.track) && s.label.equals(track.label()) && isNear(s, track, now))
                .min((a, b) -> Double.compare(
                        a.box.center().distance(track.box().center()),
                        b.box.center().distance(track.box().center())));
        Stay stay = orphan.orElseGet(() -> {
            Stay fresh = new Stay(track, start, now);
            stays.add(fresh);
            return fresh;
        });
        stay.track = track.id();
        see(stay, now, track);
    }

    private static void see(Stay stay, Duration now, Track track) {
        stay.last = now;
        stay.box = track.box();
        stay.leaving = atEdge(track.box());
    }

    private boolean isCovered(Track track, Set<Long> seen) {
        float area = Math.max(1e-6f, track.box().area());
        return stays.stream()
                .anyMatch(s -> seen.contains(s.track)
                        && s.label.equals(track.label())
                        && s.box.intersection(track.box()) / area > COVERED);
    }

    /** Could it be the one who was lost? The longer ago that was, the farther away. */
    private boolean isNear(Stay stay, Track track, Duration now) {
        if (stay.box.iou(track.box()) > 0.3f) {
            return true;
        }
        boolean cameIn = fromEdge.getOrDefault(track.id(), false) && !stay.leaving;
        double reach = 0.5 + 0.5 * now.minus(stay.last).toMillis() / 1000.0;
        Point a = stay.box.center();
        Point b = track.box().center();
        return !cameIn
                && Math.abs(a.x() - b.x())
                        < reach * (stay.box.width() + track.box().width()) / 2
                && Math.abs(a.y() - b.y())
                        < reach * (stay.box.height() + track.box().height()) / 2;
    }

    private List<Visit> end(Duration now) {
        List<Visit> ended = new ArrayList<>();
        stays.removeIf(stay -> {
            Duration patience = stay.leaving ? settings.end() : settings.lost();
            boolean over = now.minus(stay.last).compareTo(patience) > 0;
            if (over) {
                addIfLongEnough(stay, ended);
            }
            return over;
        });
        return ended;
    }

    /** {@return the visits that end because nothing more will be seen} */
    List<Visit> finish() {
        List<Visit> ended = new ArrayList<>();
        stays.forEach(stay -> addIfLongEnough(stay, ended));
        stays.clear();
        since.clear();
        fromEdge.clear();
        return ended;
    }

    private void addIfLongEnough(Stay stay, List<Visit> to) {
        Visit visit = new Visit(0, zone, stay.label, stay.track, stay.start, stay.last);
        if (visit.dwell().compareTo(settings.minVisit()) >= 0) {
            to.add(visit);
        }
    }

    /** {@return how many are there, those hidden for less than the time that ends a visit included} */
    int occupancy(Duration now) {
        return (int) stays.stream()
                .filter(s -> now.minus(s.last).compareTo(settings.end()) <= 0)
                .count();
    }

    private static boolean atEdge(Box box) {
        return box.left() < EDGE || box.top() < EDGE || box.right() > 1 - EDGE || box.bottom() > 1 - EDGE;
    }
}
