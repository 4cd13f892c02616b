// SPDX-License-Identifier: Apache-2.0
package io.edgewright.app.retail;

import io.edgewright.vision.Line;
import io.edgewright.vision.Zone;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * A checked configuration.
 *
 * @param name of the application; part of event topics
 * @param source name of the frame source
 * @param deployment name of the deployment that detects
 * @param faces name of the deployment that finds faces to blur; empty for none
 * @param classes what is counted
 * @param minScore from which a detection begins a track
 * @param minHits pictures until a track is confirmed
 * @param framesPerSecond at the most, in the source's time; 0 for all
 * @param zones where visits count; empty for the whole picture
 * @param lines where crossings count
 * @param minVisit shorter visits do not count
 * @param end absence that ends a visit
 * @param lost absence that ends the visit of someone who vanished inside the picture
 * @param picture time between kept pictures; zero for none
 * @param blur whether people and faces are blurred in kept pictures
 */
record RetailSettings(
        String name,
        String source,
        String deployment,
        String faces,
        Set<String> classes,
        float minScore,
        int minHits,
        double framesPerSecond,
        List<Zone> zones,
        List<Line> lines,
        Duration minVisit,
        Duration end,
        Duration lost,
        Duration picture,
        boolean blur) {

    RetailSettings {
        if (!name.matches("[A-Za-z0-9._-]{1,64}")) {
            throw new IllegalArgumentException(
                    "name is '" + name + "', expected 1 to 64 of letters, digits, '.', '_', '-'");
        }
        require(!source.isBlank(), "source is empty, expected the name of a frame source");
        require(!deployment.isBlank(), "deployment is empty, expected the name of a deployment");
        require(!classes.isEmpty(), "classes is empty, expected class names such as person");
        require(minScore > 0 && minScore < 1, "min.score is " + minScore + ", expected more than 0, less than 1");
        require(minHits >= 1 && minHits <= 100, "min.hits is " + minHits + ", expected 1 to 100");
        require(
                framesPerSecond >= 0 && framesPerSecond <= 1000,
                "frames.per.second is " + framesPerSecond + ", expected 0 to 1000");
        classes = Set.copyOf(classes);
        zones = List.copyOf(zones);
        lines = List.copyOf(lines);
        unique("zones", zones.stream().map(Zone::name));
        unique("lines", lines.stream().map(Line::name));
    }

    static RetailSettings of(RetailApp.Config config) {
        return new RetailSettings(
                config.name(),
                config.source(),
                config.deployment(),
                config.faces_deployment().strip(),
                new HashSet<>(parse(config.classes(), String::strip)),
                config.min_score(),
                config.min_hits(),
                config.frames_per_second(),
                parse(config.zones(), Zone::parse),
                parse(config.lines(), Line::parse),
                seconds("min.visit.seconds", config.min_visit_seconds()),
                seconds("end.seconds", config.end_seconds()),
                seconds("lost.seconds", Math.max(config.end_seconds(), config.lost_seconds())),
                seconds("picture.seconds", config.picture_seconds()),
                config.blur());
    }

    private static <T> List<T> parse(String[] texts, Function<String, T> parser) {
        return Stream.of(texts).filter(t -> !t.isBlank()).map(parser).toList();
    }

    private static Duration seconds(String setting, double value) {
        require(value >= 0 && value <= 86_400, setting + " is " + value + ", expected 0 to 86400");
        return Duration.ofMillis(Math.round(value * 1000));
    }

    private static void unique(String setting, Stream<String> names) {
        Set<String> seen = new HashSet<>();
        names.forEach(name -> require(seen.add(name), setting + " has two named '" + name + "'"));
    }

    private static void require(boolean right, String message) {
        if (!right) {
            throw new IllegalArgumentException(message);
        }
    }
}
