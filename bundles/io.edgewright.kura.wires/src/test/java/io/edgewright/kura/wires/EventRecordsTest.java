// SPDX-License-Identifier: Apache-2.0
package io.edgewright.kura.wires;

import static org.assertj.core.api.Assertions.assertThat;

import io.edgewright.api.event.Event;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class EventRecordsTest {

    @Test
    void whatLiesDeeperIsNamedByItsPath() {
        Event event = new Event(
                "retail/entrance/visit",
                Instant.ofEpochMilli(1234),
                Map.of(
                        "seconds",
                        12.5,
                        "track",
                        4L,
                        "staff",
                        false,
                        "zone",
                        Map.of("name", "door", "corners", List.of(0.5, "x")),
                        "small",
                        7,
                        "tiny",
                        (byte) 7));
        assertThat(Records.values(EventRecords.of(event)))
                .isEqualTo(Map.of(
                        "event.topic",
                        "retail/entrance/visit",
                        "event.time",
                        1234L,
                        "seconds",
                        12.5,
                        "track",
                        4L,
                        "staff",
                        false,
                        "zone.name",
                        "door",
                        "zone.corners.0",
                        0.5,
                        "zone.corners.1",
                        "x",
                        "small",
                        7,
                        "tiny",
                        "7"));
    }

    @Test
    void aHugeEventIsCutOff() {
        Event event = new Event("app/x", Instant.EPOCH, Map.of("list", Collections.nCopies(100_000, 1L)));
        assertThat(EventRecords.of(event).getProperties()).hasSize(500);
    }
}
