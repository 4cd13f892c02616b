// SPDX-License-Identifier: Apache-2.0
package io.edgewright.app.retail;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.edgewright.app.retail.Progress.State;
import io.edgewright.vision.PictureReader;
import java.io.ByteArrayInputStream;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RetailLoopTest {

    @Test
    void waitsForSourceAndDeploymentSaysSoAndGoesOn() throws Exception {
        Scene scene = new Scene(16);
        try (Shop shop = new Shop(Map.of())) {
            shop.await("waiting", () -> shop.progress.snapshot().state() == State.NO_SOURCE);
            assertThat(shop.progress.snapshot().message()).contains("waits for the source 'camera'");

            shop.sources.add(scene);
            scene.show(0, 50, 80);
            shop.await("no deployment", () -> shop.progress.snapshot().state() == State.NO_ANSWER);
            assertThat(shop.progress.snapshot().message()).contains("deployment 'people'");
            assertThat(shop.progress.snapshot().failed()).isEqualTo(1);

            shop.predictors.add(scene);
            scene.show(0.1, 50, 80);
            shop.await("running", () -> shop.progress.snapshot().state() == State.RUNNING);

            shop.sources.clear();
            shop.await("lost source", () -> shop.progress.snapshot().state() == State.NO_SOURCE);
            shop.sources.add(scene);
            scene.show(5, 50, 80);
            shop.await("running again", () -> shop.progress.snapshot().frames() == 2);
            assertThat(shop.progress.snapshot().dropped()).isGreaterThanOrEqualTo(3);
        }
    }

    @Test
    void countsOnWhenTheModelIsSwappedForOneOfAnotherSizeDuringARun() throws Exception {
        Scene scene = new Scene(16);
        try (Shop shop = new Shop(Map.of())) {
            shop.sources.add(scene);
            shop.predictors.add(scene);
            for (int i = 0; i < 20; i++) {
                scene.show(i / 10.0, 50, 80);
            }
            shop.await("20 frames", () -> shop.progress.snapshot().frames() == 20);
            scene.swapDuringRun(24);
            for (int i = 20; i < 40; i++) {
                scene.show(i / 10.0, 50, 80);
            }
            scene.end();
            shop.await("the end", () -> shop.progress.snapshot().state() == State.ENDED);
            shop.await("the visit", () -> shop.events("visit").size() == 1);

            assertThat(scene.served().inputs().get(0).shape()).containsExactly(1L, 3L, 24L, 24L);
            assertThat(shop.progress.snapshot().failed()).isZero();
            assertThat(shop.events("visit").get(0).values())
                    .containsEntry("startSeconds", 0.0)
                    .containsEntry("endSeconds", 3.9)
                    .containsEntry("dwellSeconds", 3.9)
                    .containsEntry("start", "1970-01-01T00:00:00Z");
        }
    }

    @Test
    void countsFailedFramesAndRecovers() throws Exception {
        Scene scene = new Scene(16);
        scene.breakDown(true);
        try (Shop shop = new Shop(Map.of())) {
            shop.sources.add(scene);
            shop.predictors.add(scene);
            scene.show(0, 50, 80);
            scene.show(0.1, 50, 80);
            shop.await("two failures", () -> shop.progress.snapshot().failed() == 2);
            assertThat(shop.progress.snapshot().message()).contains("NOT_READY: nothing serves");

            scene.breakDown(false);
            scene.show(0.2, 50, 80);
            shop.await("an answer", () -> shop.progress.snapshot().state() == State.RUNNING);
        }
    }

    @Test
    void countsCrossingsOfALineInBothDirections() throws Exception {
        Scene scene = new Scene(16);
        try (Shop shop = new Shop(Map.of("lines", new String[] {"door: 0.1,0.7 0.9,0.7"}))) {
            shop.sources.add(scene);
            shop.predictors.add(scene);
            int n = 0;
            for (int y = 50; y <= 90; y += 2) {
                scene.show(n++ / 10.0, 50, y);
            }
            for (int y = 88; y >= 50; y -= 2) {
                scene.show(n++ / 10.0, 50, y);
            }
            shop.await("both", () -> shop.events("crossing").size() == 2);

            assertThat(shop.events("crossing"))
                    .extracting(e -> e.values().get("direction"))
                    .containsExactly("in", "out");
            assertThat(shop.totals.crossings("door")).isEqualTo(new Totals.Crossings(1, 1));
        }
    }

    @Test
    void aRecordingThatBeginsAgainEndsTheVisitsOfTheLastRound() throws Exception {
        Scene scene = new Scene(16);
        try (Shop shop = new Shop(Map.of())) {
            shop.sources.add(scene);
            shop.predictors.add(scene);
            for (int i = 0; i < 60; i++) {
                scene.show(i % 30 / 10.0, 50, 80);
            }
            scene.end();
            shop.await("both visits", () -> shop.events("visit").size() == 2);

            assertThat(shop.events("visit"))
                    .extracting(e -> e.values().get("number"))
                    .isEqualTo(List.of(1L, 2L));
            assertThat(shop.events("visit"))
                    .extracting(e -> e.values().get("dwellSeconds"))
                    .isEqualTo(List.of(2.9, 2.9));
        }
    }

    @Test
    void changedSettingsKeepTheCounts() throws Exception {
        Scene scene = new Scene(16);
        try (Shop shop = new Shop(Map.of())) {
            shop.sources.add(scene);
            shop.predictors.add(scene);
            for (int i = 0; i < 20; i++) {
                scene.show(i / 10.0, 50, 80);
            }
            shop.await("20 frames", () -> shop.progress.snapshot().frames() == 20);
            shop.loop.change(Shop.settings(Map.of("zones", new String[] {"left: 0,0 0.6,0 0.6,1 0,1"})));
            for (int i = 20; i < 40; i++) {
                scene.show(i / 10.0, 50, 80);
            }
            shop.await("40 frames", () -> shop.progress.snapshot().frames() == 40);

            assertThat(shop.totals.visits("")).isEqualTo(1);
            assertThat(shop.totals.occupancy("left")).isEqualTo(1);
        }
    }

    @Test
    void noKeptPictureShowsAPersonAndNoneIsKeptWithoutTheFaceDetectorAskedFor() throws Exception {
        Scene scene = new Scene(16);
        try (Shop shop = new Shop(Map.of("faces.deployment", "faces"))) {
            shop.sources.add(scene);
            shop.predictors.add(scene);
            scene.show(0, 50, 80);
            shop.await("a frame", () -> shop.progress.snapshot().frames() == 1);
            assertThat(shop.picture.jpeg()).isEmpty();

            shop.loop.change(Shop.settings(Map.of()));
            scene.show(2, 50, 80);
            shop.await("a picture", () -> shop.picture.jpeg().isPresent());

            var picture = PictureReader.DEFAULT.read(
                    new ByteArrayInputStream(shop.picture.jpeg().orElseThrow()), "frame.jpg");
            int inTheBox = (24 * picture.width() + 32) * 3 + 2; // the scene's red, 255, became 248
            assertThat(picture.bgr().get(inTheBox) & 255).isLessThan(253);
        }
    }

    @Test
    void saysWhichSettingIsWrong() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Shop.settings(Map.of("name", "a b")))
                .withMessageContainingAll("name", "'a b'");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Shop.settings(Map.of("source", "")))
                .withMessageContaining("source is empty");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Shop.settings(Map.of("min.score", 1.5f)))
                .withMessageContaining("min.score is 1.5");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Shop.settings(Map.of("end.seconds", -1.0)))
                .withMessageContaining("end.seconds");
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> Shop.settings(Map.of("lines", new String[] {"a: 0.1,0.1 0.9,0.9", "a: 0.1,0.2 0.9,0.9"})))
                .withMessageContaining("two named 'a'");
    }
}
