// SPDX-License-Identifier: Apache-2.0
package io.edgewright.source.shop;

import static org.assertj.core.api.Assertions.assertThat;

import io.edgewright.source.shop.Shop.Visit;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;

final class ShopTest {

    private static final int WIDTH = 320;
    private static final int HEIGHT = 180;

    @Test
    void sameSeedGivesTheSameFramesWhateverWasDrawnBefore() {
        Shop everyFrame = shop(0, 7);
        Shop onlyTheLast = shop(0, 7);
        ByteBuffer first = buffer();
        ByteBuffer second = buffer();
        List<Sighting> truth = List.of();
        for (int i = 0; i <= 300; i++) {
            everyFrame.advanceTo(i);
            truth = everyFrame.draw(first);
        }
        onlyTheLast.advanceTo(300);

        assertThat(onlyTheLast.draw(second)).isEqualTo(truth).isNotEmpty();
        assertThat(crc(second)).isEqualTo(crc(first));
    }

    @Test
    void anotherSeedOrSceneGivesOtherFrames() {
        assertThat(picture(shop(0, 1), 300)).isNotEqualTo(picture(shop(0, 2), 300));
        assertThat(picture(shop(0, 1), 300)).isNotEqualTo(picture(shop(5, 1), 300));
    }

    @Test
    void customersEnterStayAndLeaveAgain() {
        Shop shop = shop(0, 3);
        shop.advanceTo(15 * 300);
        List<Visit> visits = shop.visits();
        List<Visit> over = visits.stream().filter(v -> v.leftFrame() >= 0).toList();

        assertThat(visits.size()).isBetween(20, 70); // 10 a minute for 5 minutes
        assertThat(over.size()).isGreaterThan(visits.size() / 2);
        assertThat(over).allSatisfy(v -> assertThat(v.leftFrame()).isGreaterThan(v.enteredFrame() + 30));
    }

    @Test
    void nobodyGetsStuckInAnyScene() {
        for (long scene = 0; scene < 12; scene++) {
            Shop shop = shop(scene, scene + 40);
            shop.advanceTo(15 * 240);
            long then = shop.frame();
            List<Visit> before = shop.visits();
            shop.advanceTo(15 * 540);
            List<Visit> after = shop.visits();
            assertThat(after)
                    .as("scene %d: who was in at frame %d must be out five minutes later", scene, then)
                    .filteredOn(v -> v.id() <= before.get(before.size() - 1).id())
                    .allMatch(v -> v.leftFrame() >= 0);
        }
    }

    @Test
    void boxesLieWithinThePictureAndPeopleArePartlyHidden() {
        Shop shop = shop(0, 11);
        List<Sighting> all = new ArrayList<>();
        ByteBuffer bgr = buffer();
        for (int i = 0; i < 60; i++) {
            shop.advanceTo(shop.frame() + 20);
            all.addAll(shop.draw(bgr));
        }
        assertThat(all).allSatisfy(s -> {
            assertThat(s.left()).isBetween(0.0, (double) WIDTH);
            assertThat(s.right()).isBetween(s.left(), (double) WIDTH);
            assertThat(s.top()).isBetween(0.0, (double) HEIGHT);
            assertThat(s.bottom()).isBetween(s.top(), (double) HEIGHT);
            assertThat(s.visible()).isBetween(0.0, 1.0);
        });
        assertThat(all).anyMatch(s -> s.visible() > 0.95).anyMatch(s -> s.visible() > 0.2 && s.visible() < 0.7);
    }

    @Test
    void aPersonChangesThePictureWithinTheirBoxOnly() {
        // given the shop with and without customers, noise being the same
        Shop busy = shop(0, 11);
        Shop empty = new Shop(Scene.of(0), backdrop(0), 11, 15, 0);
        busy.advanceTo(200);
        empty.advanceTo(200);
        ByteBuffer with = buffer();
        ByteBuffer without = buffer();
        List<Sighting> people = busy.draw(with);
        empty.draw(without);

        // then pixels differ inside boxes, and elsewhere only by shadows and bags
        int inside = 0;
        int outside = 0;
        for (int p = 0; p < WIDTH * HEIGHT; p++) {
            if (Math.abs((with.get(3 * p + 1) & 255) - (without.get(3 * p + 1) & 255)) > 60) {
                int x = p % WIDTH;
                int y = p / WIDTH;
                boolean in = people.stream()
                        .anyMatch(s ->
                                x >= s.left() - 1 && x <= s.right() + 1 && y >= s.top() - 1 && y <= s.bottom() + 1);
                inside += in ? 1 : 0;
                outside += in ? 0 : 1;
            }
        }
        assertThat(people).isNotEmpty();
        assertThat(inside).isGreaterThan(100);
        assertThat(outside).isLessThan(inside / 5);
    }

    private static Shop shop(long scene, long seed) {
        return new Shop(Scene.of(scene), backdrop(scene), seed, 15, 10);
    }

    private static Backdrop backdrop(long scene) {
        return new Backdrop(Scene.of(scene), Scene.of(scene).view(WIDTH, HEIGHT));
    }

    private static ByteBuffer buffer() {
        return ByteBuffer.allocateDirect(WIDTH * HEIGHT * 3);
    }

    private static long picture(Shop shop, long frame) {
        ByteBuffer bgr = buffer();
        shop.advanceTo(frame);
        shop.draw(bgr);
        return crc(bgr);
    }

    private static long crc(ByteBuffer buffer) {
        CRC32 crc = new CRC32();
        crc.update(buffer.duplicate().clear());
        return crc.getValue();
    }
}
