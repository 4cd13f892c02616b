// SPDX-License-Identifier: Apache-2.0
package io.edgewright.app.retail;

import io.edgewright.api.event.Event;
import io.edgewright.api.inference.Predictor;
import io.edgewright.api.source.FrameSource;
import io.edgewright.testkit.Configs;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Assertions;

/** An application under test with everything around it. */
final class Shop implements RetailLoop.Services, AutoCloseable {

    final List<FrameSource> sources = new CopyOnWriteArrayList<>();
    final List<Predictor> predictors = new CopyOnWriteArrayList<>();
    final List<Event> events = new CopyOnWriteArrayList<>();
    final Totals totals = new Totals();
    final Progress progress = new Progress();
    final LastPicture picture = new LastPicture();
    final RetailLoop loop;
    private final Thread thread;

    /** Starts an application with the name entrance, the source camera and the deployment people. */
    Shop(Map<String, Object> properties) {
        loop = new RetailLoop(settings(properties), this, totals, progress, picture);
        thread = new Thread(loop, "retail-under-test");
        thread.start();
    }

    static RetailSettings settings(Map<String, Object> properties) {
        Map<String, Object> all = new HashMap<>(Map.of("name", "entrance", "source", "camera", "deployment", "people"));
        all.putAll(properties);
        return RetailSettings.of(Configs.of(RetailApp.Config.class, all));
    }

    List<Event> events(String kind) {
        return events.stream()
                .filter(e -> e.topic().equals("retail/entrance/" + kind))
                .toList();
    }

    /** Waits until it is so, 60 s at the most. */
    void await(String what, BooleanSupplier condition) throws InterruptedException {
        await(what, Duration.ofSeconds(60), condition);
    }

    void await(String what, Duration limit, BooleanSupplier condition) throws InterruptedException {
        long end = System.nanoTime() + limit.toNanos();
        Object monitor = new Object();
        synchronized (monitor) {
            while (!condition.getAsBoolean()) {
                if (System.nanoTime() > end) {
                    Assertions.fail(what + " did not come to pass; " + progress.snapshot());
                }
                monitor.wait(5);
            }
        }
    }

    @Override
    public Optional<FrameSource> source(String name) {
        return sources.stream().filter(s -> s.name().equals(name)).findFirst();
    }

    @Override
    public Optional<Predictor> predictor(String deployment) {
        return predictors.stream()
                .filter(p -> p.deployment().equals(deployment))
                .findFirst();
    }

    @Override
    public void publish(Event event) {
        events.add(event);
    }

    @Override
    public void close() {
        loop.stop();
        thread.interrupt();
        try {
            thread.join(10_000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        Assertions.assertFalse(thread.isAlive(), "the application's thread did not stop");
    }
}
