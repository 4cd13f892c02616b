// SPDX-License-Identifier: Apache-2.0
package io.edgewright.it;

import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.inference.Predictor;
import io.edgewright.api.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;

/** Threads that ask {@code y = x + constant} without a pause and check every answer, until closed. */
final class Callers implements AutoCloseable {

    private final List<Thread> threads = new ArrayList<>();
    private final AtomicLong answers = new AtomicLong();
    private final Set<Float> constants = ConcurrentHashMap.newKeySet();
    private final ConcurrentLinkedQueue<Throwable> failures = new ConcurrentLinkedQueue<>();
    private volatile boolean running = true;

    Callers(Predictor predictor, int count) {
        for (int i = 0; i < count; i++) {
            Thread thread = new Thread(() -> ask(predictor), "caller-" + i);
            threads.add(thread);
            thread.start();
        }
    }

    /** {@return how many requests were answered so far} */
    long answers() {
        return answers.get();
    }

    /** {@return the constants that the answers showed: which versions served} */
    Set<Float> constants() {
        return constants;
    }

    /** {@return what failed so far} */
    List<Throwable> failures() {
        return List.copyOf(failures);
    }

    /** Ends the asking; {@return what failed} */
    List<Throwable> stop() {
        running = false;
        for (Thread thread : threads) {
            try {
                thread.join(30_000);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            if (thread.isAlive()) {
                failures.add(new AssertionError(thread.getName() + " did not come back within 30 s"));
            }
        }
        return failures();
    }

    @Override
    public void close() {
        running = false;
    }

    private void ask(Predictor predictor) {
        Map<String, Tensor> inputs = Map.of("x", Tensor.ofFloats(List.of(1L, 4L), 1, 2, 3, 4));
        while (running && failures.isEmpty()) {
            try {
                float[] y = predictor.predict(inputs).get("y").toFloats();
                if (y.length != 4 || y[3] - y[0] != 3) {
                    failures.add(new AssertionError("wrong answer " + y[0] + " .. " + y[3]));
                }
                constants.add(y[0] - 1);
                answers.incrementAndGet();
            } catch (InferenceException | RuntimeException e) {
                failures.add(e);
            }
        }
    }
}
