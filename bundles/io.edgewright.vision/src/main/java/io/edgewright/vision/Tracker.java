// SPDX-License-Identifier: Apache-2.0
package io.edgewright.vision;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Follows things from picture to picture in the manner of ByteTrack (Zhang et al., 2022): tracks are matched to sure
 * detections first, then the rest to unsure ones, which are mostly things half hidden; only sure ones begin a track. What
 * two detections have in common is measured on boxes grown a little, so that pictures may be far apart in time. The same
 * detections give the same tracks and ids. One thread at a time.
 */
public final class Tracker {

    /** Out of sight for that long, a track that is not confirmed is dropped. */
    private static final Duration PATIENCE = Duration.ofMillis(500);

    private static final float GROWN = 0.15f;
    private static final double SURE_LIMIT = 0.85; // 1 - overlap of grown boxes
    private static final double UNSURE_LIMIT = 0.6;
    private static final double NEW_LIMIT = 0.75;

    private static final class State {
        private final long id;
        private final String label;
        private final Duration first;
        private final Motion motion;
        private Box box;
        private float score;
        private Duration last;
        private int hits = 1;
        private boolean confirmed;
        private boolean seen = true;

        State(long id, Detection detection, Duration now) {
            this.id = id;
            this.label = detection.label();
            this.first = now;
            this.last = now;
            this.motion = new Motion(detection.box());
            this.box = detection.box();
            this.score = detection.score();
        }
    }

    private final float sureScore;
    private final int minHits;
    private final Duration maxAge;
    private List<State> tracks = new ArrayList<>();
    private Duration now = Duration.ZERO;
    private long lastId;

    /**
     * @param sureScore detections from this score on begin tracks, 0..1; those below only prolong them
     * @param minHits in how many pictures a thing must be seen to be confirmed, 1 or more
     * @param maxAge how long a confirmed track outlives its last detection
     */
    public Tracker(float sureScore, int minHits, Duration maxAge) {
        if (!(sureScore >= 0 && sureScore <= 1) || minHits < 1 || maxAge.isNegative()) {
            throw new IllegalArgumentException(
                    "sureScore %s, minHits %d, maxAge %s, expected 0..1, 1 or more, 0 or more"
                            .formatted(sureScore, minHits, maxAge));
        }
        this.sureScore = sureScore;
        this.minHits = minHits;
        this.maxAge = maxAge;
    }

    /**
     * Takes the detections of one picture.
     *
     * @param detections also unsure ones: half of {@code sureScore} is a good limit
     * @param position the picture's time, not before the last one's; in a recording its place there
     * @return every track alive, also those not confirmed or not seen now, by id
     */
    public List<Track> update(List<Detection> detections, Duration position) {
        double seconds = Math.max(0, position.minus(now).toNanos() / 1e9);
        now = position;
        for (State track : tracks) {
            track.motion.predict(seconds, track.seen);
            track.box = track.motion.box();
        }
        List<Detection> sure = new ArrayList<>();
        List<Detection> unsure = new ArrayList<>();
        detections.forEach(d -> (d.score() >= sureScore ? sure : unsure).add(d));
        List<State> confirmed = tracks.stream().filter(t -> t.confirmed).toList();
        List<State> fresh = tracks.stream().filter(t -> !t.confirmed).toList();
        List<State> left = match(confirmed, sure, SURE_LIMIT);
        left = match(left, unsure, UNSURE_LIMIT);
        List<State> unmatched = new ArrayList<>(left);
        unmatched.addAll(match(fresh, sure, NEW_LIMIT));
        unmatched.forEach(t -> t.seen = false);
        tracks.removeIf(t -> now.minus(t.last).compareTo(t.confirmed ? maxAge : PATIENCE) > 0);
        for (Detection detection : sure) {
            State track = new State(++lastId, detection, now);
            track.confirmed = minHits <= 1;
            tracks.add(track);
        }
        return tracks.stream().map(Tracker::toTrack).toList();
    }

    /** Forgets every track, as when a recording begins again; ids go on. */
    public void clear() {
        tracks = new ArrayList<>();
        now = Duration.ZERO;
    }

    /** Matches what it can, takes it out of the detections and returns the tracks left. */
    private List<State> match(List<State> candidates, List<Detection> detections, double limit) {
        double[][] cost = new double[candidates.size()][detections.size()];
        for (int i = 0; i < cost.length; i++) {
            State track = candidates.get(i);
            Box grown = track.box.grown(GROWN);
            for (int j = 0; j < detections.size(); j++) {
                Detection detection = detections.get(j);
                boolean same = detection.label().equals(track.label);
                cost[i][j] = same ? 1 - grown.iou(detection.box().grown(GROWN)) : 2;
            }
        }
        int[] match = Assignment.solve(cost, limit);
        List<State> left = new ArrayList<>();
        List<Detection> used = new ArrayList<>();
        for (int i = 0; i < match.length; i++) {
            if (match[i] < 0) {
                left.add(candidates.get(i));
            } else {
                used.add(detections.get(match[i]));
                see(candidates.get(i), detections.get(match[i]));
            }
        }
        detections.removeAll(used);
        return left;
    }

    private void see(State track, Detection detection) {
        track.motion.correct(detection.box());
        track.box = detection.box();
        track.score = detection.score();
        track.last = now;
        track.seen = true;
        track.hits++;
        track.confirmed |= track.hits >= minHits;
    }

    private static Track toTrack(State t) {
        return new Track(t.id, t.label, t.box, t.score, t.first, t.last, t.hits, t.confirmed, t.seen);
    }
}
