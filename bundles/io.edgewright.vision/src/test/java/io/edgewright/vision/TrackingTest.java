// SPDX-License-Identifier: Apache-2.0
package io.edgewright.vision;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class TrackingTest {

    @Test
    void assignmentIsAsCheapAsTheBestOfAllPermutations() {
        Random random = new Random(3);
        for (int round = 0; round < 300; round++) {
            int rows = 1 + random.nextInt(5);
            int columns = 1 + random.nextInt(5);
            double[][] cost = new double[rows][columns];
            for (double[] row : cost) {
                for (int j = 0; j < columns; j++) {
                    row[j] = random.nextInt(100);
                }
            }

            int[] match = Assignment.solve(cost, 1000);

            double sum = 0;
            int matched = 0;
            for (int i = 0; i < rows; i++) {
                if (match[i] >= 0) {
                    sum += cost[i][match[i]];
                    matched++;
                }
            }
            assertThat(matched).isEqualTo(Math.min(rows, columns));
            assertThat(sum).isEqualTo(cheapest(cost, 0, 0, Math.abs(Math.min(0, columns - rows))));
        }
    }

    /** Tries everything; {@code skips} rows may stay without a column. */
    private static double cheapest(double[][] cost, int row, int used, int skips) {
        if (row == cost.length) {
            return 0;
        }
        double best = skips > 0 ? cheapest(cost, row + 1, used, skips - 1) : Double.POSITIVE_INFINITY;
        for (int j = 0; j < cost[0].length; j++) {
            if ((used & 1 << j) == 0) {
                best = Math.min(best, cost[row][j] + cheapest(cost, row + 1, used | 1 << j, skips));
            }
        }
        return best;
    }

    @Test
    void assignmentNeverMatchesAboveTheLimit() {
        assertThat(Assignment.solve(new double[][] {{5, 0.1}, {0.2, 9}, {7, 7}}, 1))
                .containsExactly(1, 0, -1);
        assertThat(Assignment.solve(new double[][] {{5}}, 1)).containsExactly(-1);
        assertThat(Assignment.solve(new double[0][0], 1)).isEmpty();
    }

    @Test
    void twoWhoMeetAndPartKeepTheirIds() {
        Tracker tracker = new Tracker(0.5f, 3, Duration.ofSeconds(2));
        List<Track> tracks = List.of();
        for (int i = 0; i <= 60; i++) {
            float x = 0.1f + i * 0.01f;
            tracks = tracker.update(
                    List.of(person(x, 0.2f, 0.9f), person(0.8f - i * 0.01f, 0.45f, 0.9f)), seconds(i / 10.0));
        }

        assertThat(tracks).extracting(Track::id).containsExactly(1L, 2L);
        assertThat(tracks.get(0).box().left()).isGreaterThan(0.6f);
        assertThat(tracks.get(1).box().left()).isLessThan(0.3f);
        assertThat(tracks).allMatch(t -> t.confirmed() && t.seen() && t.hits() == 61);
    }

    @Test
    void anUnsureDetectionProlongsATrackButBeginsNone() {
        Tracker tracker = new Tracker(0.5f, 2, Duration.ofSeconds(1));
        tracker.update(List.of(person(0.3f, 0.3f, 0.8f)), seconds(0));
        tracker.update(List.of(person(0.3f, 0.3f, 0.8f)), seconds(0.1));
        for (int i = 2; i < 100; i++) {
            tracker.update(List.of(person(0.3f, 0.3f, 0.3f), person(0.7f, 0.3f, 0.4f)), seconds(i / 10.0));
        }

        List<Track> tracks = tracker.update(List.of(), seconds(10));

        assertThat(tracks).hasSize(1);
        assertThat(tracks.get(0).id()).isEqualTo(1);
        assertThat(tracks.get(0).last()).isEqualTo(seconds(9.9));
        assertThat(tracks.get(0).seen()).isFalse();
    }

    @Test
    void aTrackEndsWhenItsTimeIsOverAndItsIdIsNotGivenAgain() {
        Tracker tracker = new Tracker(0.5f, 1, Duration.ofSeconds(1));
        tracker.update(List.of(person(0.3f, 0.3f, 0.8f)), seconds(0));

        assertThat(tracker.update(List.of(), seconds(1))).hasSize(1);
        assertThat(tracker.update(List.of(), seconds(1.1))).isEmpty();
        assertThat(tracker.update(List.of(person(0.3f, 0.3f, 0.8f)), seconds(1.2))
                        .get(0)
                        .id())
                .isEqualTo(2);
    }

    @Test
    void isConfirmedOnlyAfterItsHitsAndDroppedEarlyBefore() {
        Tracker tracker = new Tracker(0.5f, 3, Duration.ofSeconds(5));

        assertThat(tracker.update(List.of(person(0.3f, 0.3f, 0.8f)), seconds(0))
                        .get(0)
                        .confirmed())
                .isFalse();
        assertThat(tracker.update(List.of(), seconds(0.6))).isEmpty();
    }

    @Test
    void aWalkerSeenTwiceASecondIsOneTrack() {
        Tracker tracker = new Tracker(0.5f, 3, Duration.ofSeconds(2));
        List<Track> tracks = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            tracks = tracker.update(List.of(person(0.1f + i * 0.08f, 0.3f, 0.8f)), seconds(i / 2.0));
        }

        assertThat(tracks).hasSize(1);
        assertThat(tracks.get(0).hits()).isEqualTo(10);
    }

    @Test
    void tremblingOnALineCountsNothingAndCrossingItOnce() {
        Line line = Line.parse("door: 0.2,0.5 0.8,0.5");
        LineWatch watch = new LineWatch(line, 0.02);

        assertThat(watch.move(1, new Point(0.5, 0.4))).isEmpty();
        for (int i = 0; i < 20; i++) {
            assertThat(watch.move(1, new Point(0.5, i % 2 == 0 ? 0.49 : 0.51))).isEmpty();
        }
        assertThat(watch.move(1, new Point(0.5, 0.53))).contains(Line.Crossing.IN);
        assertThat(watch.move(1, new Point(0.5, 0.6))).isEmpty();
        assertThat(watch.move(1, new Point(0.5, 0.45))).contains(Line.Crossing.OUT);
        watch.keep(Set.of());
        assertThat(watch.move(1, new Point(0.5, 0.6))).isEmpty();
    }

    @Test
    void goingRoundTheEndOfALineIsNoCrossing() {
        LineWatch watch = new LineWatch(Line.parse("door: 0.2,0.5 0.8,0.5"), 0.01);

        assertThat(watch.move(1, new Point(0.9, 0.4))).isEmpty();
        assertThat(watch.move(1, new Point(0.95, 0.6))).isEmpty();
    }

    @Test
    void zonesOfAnyShapeKnowWhatIsInside() {
        Zone zone = Zone.parse(" counter : 0.1,0.1 0.9,0.1 0.9,0.9 0.5,0.5 0.1,0.9 ");

        assertThat(zone.name()).isEqualTo("counter");
        assertThat(zone.contains(new Point(0.5, 0.3))).isTrue();
        assertThat(zone.contains(new Point(0.5, 0.7))).isFalse();
        assertThat(zone.contains(new Point(0.15, 0.7))).isTrue();
        assertThat(zone.contains(new Point(0.05, 0.5))).isFalse();
    }

    @Test
    void saysWhatIsWrongWithAZoneOrLine() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Zone.parse("0.1,0.1 0.2,0.2 0.3,0.3"))
                .withMessageContainingAll("no name", "name: x,y");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Zone.parse("a: 0.1,0.1 0.2,0.2"))
                .withMessageContainingAll("'a'", "2 corners", "3 or more");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Zone.parse("a: 0.1,0.1 0.2,0.2 0.3,0.3"))
                .withMessageContaining("enclose nothing");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Zone.parse("a: 0.1,0.1 120,0.2 0.3,0.3"))
                .withMessageContainingAll("120", "0 to 1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Zone.parse("a: 0.1;0.1 0.2,0.2 0.3,0.3"))
                .withMessageContainingAll("'0.1;0.1'", "x,y");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Line.parse("a: 0.1,x 0.2,0.2"))
                .withMessageContainingAll("'x'", "number");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Line.parse("a: 0.1,0.1 0.2,0.2 0.3,0.3"))
                .withMessageContaining("3 points");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Line.parse("a: 0.1,0.1 0.1,0.1"))
                .withMessageContaining("is a point");
    }

    private static Detection person(float left, float top, float score) {
        return new Detection(0, "person", score, new Box(left, top, left + 0.12f, top + 0.4f));
    }

    private static Duration seconds(double value) {
        return Duration.ofMillis(Math.round(value * 1000));
    }
}
