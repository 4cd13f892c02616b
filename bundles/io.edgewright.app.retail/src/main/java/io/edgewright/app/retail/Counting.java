// SPDX-License-Identifier: Apache-2.0
package io.edgewright.app.retail;

import io.edgewright.api.event.Event;
import io.edgewright.api.source.Frame;
import io.edgewright.vision.Detection;
import io.edgewright.vision.Line;
import io.edgewright.vision.LineWatch;
import io.edgewright.vision.Track;
import io.edgewright.vision.Tracker;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/** Makes visits, crossings and occupancy of detections, for one setting. One thread at a time. */
final class Counting {

    /** A lost track is not matched to detections for longer; its stay in a zone waits longer. */
    private static final Duration TRACK_AGE = Duration.ofMillis(1500);

    private static final double LINE_MARGIN = 0.015;

    private final RetailSettings settings;
    private final Totals totals;
    private final Consumer<Event> events;
    private final Tracker tracker;
    private final Presence whole;
    private final List<Presence> zones;
    private final List<LineWatch> lines;
    private List<Track> tracks = List.of();
    private Duration position = Duration.ZERO;
    private Instant time = Instant.EPOCH;

    Counting(RetailSettings settings, Totals totals, Consumer<Event> events) {
        this.settings = settings;
        this.totals = totals;
        this.events = events;
        this.tracker = new Tracker(settings.minScore(), settings.minHits(), TRACK_AGE);
        this.whole = new Presence("", foot -> true, settings);
        this.zones = settings.zones().stream()
                .map(zone -> new Presence(zone.name(), zone::contains, settings))
                .toList();
        this.lines = settings.lines().stream()
                .map(line -> new LineWatch(line, LINE_MARGIN))
                .toList();
    }

    /** {@return the tracks of the last picture} */
    List<Track> tracks() {
        return tracks;
    }

    /**
     * Takes the detections of one picture.
     *
     * @param frame the picture; only its times are read. One before the last begins a new recording
     * @param detections everything the model saw
     */
    void update(Frame frame, List<Detection> detections) {
        if (frame.position().compareTo(position) < 0) {
            finish();
        }
        position = frame.position();
        time = frame.time();
        tracks = tracker.update(
                detections.stream()
                        .filter(d -> settings.classes().contains(d.label()))
                        .toList(),
                position);
        update(whole, settings.zones().isEmpty());
        zones.forEach(zone -> update(zone, true));
        lines.forEach(this::watch);
    }

    /** Ends all visits: the recording is over, the source was changed, or the application stops. */
    void finish() {
        tracker.clear();
        tracks = List.of();
        lines.forEach(line -> line.keep(Set.of()));
        whole.finish().forEach(visit -> publish(visit, settings.zones().isEmpty()));
        zones.forEach(zone -> zone.finish().forEach(visit -> publish(visit, true)));
        occupancy(whole);
        zones.forEach(this::occupancy);
        position = Duration.ZERO;
    }

    private void update(Presence presence, boolean visits) {
        presence.update(position, tracks).forEach(visit -> publish(visit, visits));
        occupancy(presence);
    }

    private void publish(Visit visit, boolean counts) {
        if (!counts) {
            return;
        }
        Visit numbered = new Visit(
                totals.countVisit(visit.zone()),
                visit.zone(),
                visit.label(),
                visit.track(),
                visit.start(),
                visit.end());
        Instant start = at(visit.start());
        Instant end = at(visit.end());
        totals.keep(new Totals.TimedVisit(numbered, start.toString(), end.toString()));
        Map<String, Object> values = new HashMap<>();
        values.put("zone", visit.zone());
        values.put("number", numbered.number());
        values.put("class", visit.label());
        values.put("track", visit.track());
        values.put("start", start.toString());
        values.put("end", end.toString());
        values.put("startSeconds", seconds(visit.start()));
        values.put("endSeconds", seconds(visit.end()));
        values.put("dwellSeconds", seconds(visit.dwell()));
        publish("visit", values);
    }

    private void occupancy(Presence presence) {
        int count = presence.occupancy(position);
        if (totals.setOccupancy(presence.zone(), count)) {
            publish("occupancy", Map.of("zone", presence.zone(), "occupancy", (long) count));
        }
    }

    private void watch(LineWatch watch) {
        for (Track track : tracks) {
            if (track.seen()) {
                watch.move(track.id(), track.box().foot())
                        .filter(crossing -> track.confirmed())
                        .ifPresent(crossing -> crossed(watch.line(), track, crossing == Line.Crossing.IN));
            }
        }
        watch.keep(tracks.stream().map(Track::id).collect(Collectors.toSet()));
    }

    private void crossed(Line line, Track track, boolean in) {
        Totals.Crossings total = totals.cross(line.name(), in);
        publish(
                "crossing",
                Map.of(
                        "line", line.name(),
                        "direction", in ? "in" : "out",
                        "class", track.label(),
                        "track", track.id(),
                        "positionSeconds", seconds(position),
                        "in", total.in(),
                        "out", total.out()));
    }

    private void publish(String kind, Map<String, Object> values) {
        events.accept(new Event("retail/" + settings.name() + "/" + kind, time, values));
    }

    /** The gateway's time of an earlier picture: the clock of the last one, less what the source says is between. */
    private Instant at(Duration earlier) {
        return time.minus(position.minus(earlier));
    }

    private static double seconds(Duration time) {
        return Math.round(time.toMillis() / 10.0) / 100.0;
    }
}
