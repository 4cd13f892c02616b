// SPDX-License-Identifier: Apache-2.0
package io.edgewright.kura.wires;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class LaneTest {

    private final BlockingQueue<String> done = new LinkedBlockingQueue<>();
    private final Semaphore begun = new Semaphore(0);
    private final Semaphore turns = new Semaphore(0);
    private final Lane<String> lane = new Lane<>("test", (item, dropped) -> {
        begun.release();
        turns.acquire();
        if (item.equals("bad")) {
            throw new IllegalStateException("a test's error");
        }
        done.add(item + " " + dropped);
    });

    @AfterEach
    void close() {
        lane.close();
    }

    @Test
    void dropsTheOldestAndSaysHowMany() throws Exception {
        busy(true);
        List.of("a", "b", "c", "d").forEach(lane::offer);
        turns.release(10);
        assertThat(List.of(next(), next(), next())).containsExactly("first 0", "c 2", "d 0");
    }

    @Test
    void dropsTheNewestAndSaysHowMany() throws Exception {
        busy(false);
        List.of("a", "b", "c", "d").forEach(lane::offer);
        turns.release(10);
        assertThat(List.of(next(), next(), next())).containsExactly("first 0", "a 2", "b 0");
    }

    @Test
    void anErrorCostsOneItem() throws Exception {
        busy(true);
        List.of("bad", "good").forEach(lane::offer);
        turns.release(10);
        assertThat(List.of(next(), next())).containsExactly("first 0", "good 0");
    }

    @Test
    void endsWhatItDoesWhenItIsClosed() throws Exception {
        busy(true);
        lane.offer("waiting");
        lane.close();
        lane.offer("late");
        turns.release(10);
        assertThat(done).isEmpty();
        assertThat(Thread.getAllStackTraces().keySet())
                .noneMatch(t -> t.getName().equals("edgewright-wires-test") && t.isAlive());
    }

    private void busy(boolean dropOldest) throws InterruptedException {
        lane.limit(2, dropOldest);
        lane.start();
        lane.offer("first");
        begun.acquire();
    }

    private String next() throws InterruptedException {
        String item = done.poll(30, TimeUnit.SECONDS);
        assertThat(item).as("the next item").isNotNull();
        return item;
    }
}
