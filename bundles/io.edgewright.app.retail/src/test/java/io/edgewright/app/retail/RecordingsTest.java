// SPDX-License-Identifier: Apache-2.0
package io.edgewright.app.retail;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.edgewright.api.event.Event;
import io.edgewright.testkit.TestData;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Real recordings through a real detector, with the settings' defaults. */
class RecordingsTest {

    private static final Duration LIMIT = Duration.ofMinutes(5);

    @Test
    void countsTheSixVisitorsAtTheTableAndWhenTheyCameAndLeftFasterThanRealTime() throws Exception {
        double[][] expected = {{6.4, 19.6}, {23.0, 44.4}, {50.6, 69.6}, {74.6, 86.6}, {93.2, 119.6}, {123.8, 135.8}};
        long start = System.nanoTime();

        try (OrtPredictor people = people();
                Shop shop = new Shop(Map.of())) {
            shop.predictors.add(people);
            shop.sources.add(new Recording("camera", TestData.require("video/one-by-one-person-detection.mp4")));
            shop.await("the end", LIMIT, () -> shop.progress.snapshot().state() == Progress.State.ENDED);

            List<Event> visits = shop.events("visit");
            assertThat(visits).hasSize(6);
            for (int i = 0; i < 6; i++) {
                assertThat((Double) visits.get(i).values().get("startSeconds")).isCloseTo(expected[i][0], within(1.5));
                assertThat((Double) visits.get(i).values().get("endSeconds")).isCloseTo(expected[i][1], within(1.5));
            }
            assertThat(shop.totals.visits("")).isEqualTo(6);
            assertThat(shop.totals.occupancy("")).isZero();
            assertThat(shop.progress.snapshot().failed()).isZero();
            assertThat(shop.progress.snapshot().frames()).isEqualTo(1394);
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(139));
        }
    }

    @Test
    void seesTheThreeBottlesOnTheTableAndEachThatIsTakenAway() throws Exception {
        try (OrtPredictor people = people();
                Shop shop = new Shop(Map.of("classes", new String[] {"bottle"}))) {
            shop.predictors.add(people);
            shop.sources.add(new Recording("camera", TestData.require("video/bottle-detection.mp4")));
            shop.await("the end", LIMIT, () -> shop.progress.snapshot().state() == Progress.State.ENDED);

            List<Long> occupancy = shop.events("occupancy").stream()
                    .map(e -> (Long) e.values().get("occupancy"))
                    .toList();
            assertThat(occupancy).startsWith(3L, 2L, 3L).contains(1L).endsWith(0L);
            assertThat(occupancy).allMatch(n -> n <= 3);
        }
    }

    private static OrtPredictor people() throws Exception {
        return new OrtPredictor(
                "people", TestData.require("detection/fastestdet-coco.onnx"), Map.of("image.color", "BGR"));
    }
}
