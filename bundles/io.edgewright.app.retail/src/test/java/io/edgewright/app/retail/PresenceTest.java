// SPDX-License-Identifier: Apache-2.0
package io.edgewright.app.retail;

import static org.assertj.core.api.Assertions.assertThat;

import io.edgewright.vision.Box;
import io.edgewright.vision.Track;
import io.edgewright.vision.Zone;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PresenceTest {

    private static final Box MIDDLE = new Box(0.4f, 0.3f, 0.5f, 0.8f);
    private static final Box ASIDE = new Box(0.7f, 0.3f, 0.8f, 0.8f);
    private static final Box AT_THE_SIDE = new Box(0.9f, 0.3f, 1f, 0.8f);

    private final List<Visit> visits = new ArrayList<>();

    @Test
    void aVisitBeginsWhenFirstSeenAndEndsWhenLastSeen() {
        Presence presence = whole();
        for (int tenth = 100; tenth <= 200; tenth++) {
            feed(presence, tenth / 10.0, track(1, 10, AT_THE_SIDE, true));
        }
        feed(presence, 21.9);
        assertThat(visits).isEmpty();
        assertThat(presence.occupancy(seconds(21.9))).isEqualTo(1);
        feed(presence, 22.1);

        assertThat(visits).hasSize(1);
        assertThat(visits.get(0).start()).isEqualTo(seconds(10));
        assertThat(visits.get(0).end()).isEqualTo(seconds(20));
        assertThat(presence.occupancy(seconds(22.1))).isZero();
    }

    @Test
    void whoVanishesInsideThePictureIsWaitedForLonger() {
        Presence presence = whole();
        feed(presence, 1, track(1, 0, MIDDLE, true));
        feed(presence, 4);
        feed(presence, 4.5, track(2, 4.4, MIDDLE, true));
        feed(presence, 12);

        assertThat(visits).hasSize(1);
        assertThat(visits.get(0).start()).isEqualTo(seconds(0));
        assertThat(visits.get(0).end()).isEqualTo(seconds(4.5));
    }

    @Test
    void whoComesInFromTheSideIsSomeoneElseThanWhoVanishedInTheMiddle() {
        Presence presence = whole();
        feed(presence, 2, track(1, 0, MIDDLE, true));
        feed(presence, 3, track(2, 3, AT_THE_SIDE, true));
        feed(presence, 5, track(2, 3, ASIDE, true));
        feed(presence, 20);

        assertThat(visits).hasSize(2);
    }

    @Test
    void twoAtTheSameTimeAreTwoVisits() {
        Presence presence = whole();
        feed(presence, 2, track(1, 0, MIDDLE, true), track(2, 1, ASIDE, true));
        assertThat(presence.occupancy(seconds(2))).isEqualTo(2);
        feed(presence, 5, track(1, 0, MIDDLE, true), track(2, 1, ASIDE, true));
        visits.addAll(presence.finish());

        assertThat(visits).extracting(Visit::start).containsExactly(seconds(0), seconds(1));
    }

    @Test
    void aSecondBoxOnSomeonePresentIsNobody() {
        Presence presence = whole();
        Box upperHalf = new Box(0.41f, 0.3f, 0.49f, 0.55f);
        feed(presence, 1, track(1, 0, MIDDLE, true));
        feed(presence, 4, track(1, 0, MIDDLE, true), track(2, 1, upperHalf, true));
        assertThat(presence.occupancy(seconds(4))).isEqualTo(1);
        visits.addAll(presence.finish());

        assertThat(visits).hasSize(1);
    }

    @Test
    void passersByAndUnconfirmedTracksDoNotCount() {
        Presence presence = whole();
        feed(presence, 1, track(1, 0.5, AT_THE_SIDE, true), track(2, 0.5, MIDDLE, false));
        feed(presence, 1.4, track(1, 0.5, AT_THE_SIDE, true), track(2, 0.5, MIDDLE, false));
        feed(presence, 10);

        assertThat(visits).isEmpty();
    }

    @Test
    void inAZoneATrackCountsWhileItsFeetAreThereAndComingBackSoonContinuesTheVisit() {
        Zone zone = Zone.parse("shelf: 0,0.5 0.6,0.5 0.6,1 0,1");
        Presence presence = new Presence("shelf", zone::contains, Shop.settings(Map.of()));
        feed(presence, 0, track(1, 0, ASIDE, true));
        feed(presence, 1, track(1, 0, MIDDLE, true));
        feed(presence, 3, track(1, 0, ASIDE, true));
        feed(presence, 4, track(1, 0, MIDDLE, true));
        feed(presence, 6, track(1, 0, MIDDLE, true));
        feed(presence, 7, track(1, 0, ASIDE, true));
        feed(presence, 8.1, track(1, 0, ASIDE, true));

        assertThat(visits).hasSize(1);
        assertThat(visits.get(0).zone()).isEqualTo("shelf");
        assertThat(visits.get(0).start()).isEqualTo(seconds(1));
        assertThat(visits.get(0).end()).isEqualTo(seconds(6));
    }

    private void feed(Presence presence, double now, Track... tracks) {
        visits.addAll(presence.update(seconds(now), List.of(tracks)));
    }

    private static Presence whole() {
        return new Presence("", foot -> true, Shop.settings(Map.of()));
    }

    private static Track track(long id, double first, Box box, boolean confirmed) {
        return new Track(id, "person", box, 0.9f, seconds(first), seconds(first), 5, confirmed, true);
    }

    private static Duration seconds(double value) {
        return Duration.ofMillis(Math.round(value * 1000));
    }
}
