// SPDX-License-Identifier: Apache-2.0
package io.edgewright.optimizer;

import io.edgewright.api.inference.InferenceTap;
import io.edgewright.api.model.ModelManifest;
import io.edgewright.api.optimize.Drift;
import io.edgewright.api.tensor.Tensor;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.function.Consumer;

/** Looks at the inferences that deployments show, on a thread of its own. Thread-safe. */
final class LiveWatch implements InferenceTap, AutoCloseable {

    private static final int WAITING = 64; // inferences; more are dropped

    /** One inference. */
    private record Seen(
            String deployment, ModelManifest model, Map<String, Tensor> inputs, Map<String, Tensor> outputs) {}

    private final int mostSamples;
    private final int windowSize;
    private final double limit;
    private final Consumer<Drift> whenAlarm;
    private final BlockingQueue<Seen> queue = new ArrayBlockingQueue<>(WAITING);
    private final Map<String, Live> all = new TreeMap<>(); // guarded by this
    private final Thread worker;

    /**
     * @param mostSamples inputs kept of each deployment
     * @param windowSize inferences that are compared at a time
     * @param limit of the population stability index; infinite for never an alarm
     * @param whenAlarm told when an alarm begins or ends
     */
    LiveWatch(int mostSamples, int windowSize, double limit, Consumer<Drift> whenAlarm) {
        this.mostSamples = mostSamples;
        this.windowSize = windowSize;
        this.limit = limit;
        this.whenAlarm = whenAlarm;
        this.worker = new Thread(this::run, "edgewright-drift");
        worker.setDaemon(true);
        worker.start();
    }

    @Override
    public void take(String deployment, ModelManifest model, Map<String, Tensor> inputs, Map<String, Tensor> outputs) {
        boolean unused =
                queue.offer(new Seen(deployment, model, inputs, outputs)); // if full it is dropped: a sample only
    }

    /** {@return inputs that were captured of a deployment} */
    synchronized Optional<Samples> samples(String deployment) {
        return Optional.ofNullable(all.get(deployment)).map(live -> Samples.Held.of(live.reservoir()));
    }

    synchronized List<Drift> drift() {
        return all.values().stream().map(Live::drift).toList();
    }

    /** What a deployment does from now on is its reference. */
    synchronized void beginAnew(String deployment) {
        Live live = all.get(deployment);
        if (live != null) {
            live.beginAnew();
        }
    }

    @Override
    public void close() {
        worker.interrupt();
    }

    private void run() {
        try {
            while (!Thread.currentThread().isInterrupted()) {
                Seen seen = queue.take();
                Optional<Drift> changed = count(seen);
                changed.ifPresent(whenAlarm); // without the lock, as it calls others
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // closed
        }
    }

    private synchronized Optional<Drift> count(Seen seen) {
        Live live = all.get(seen.deployment);
        if (live == null || !live.model().equals(seen.model.id())) {
            live = new Live(seen.deployment, seen.model.id(), mostSamples, windowSize, limit);
            all.put(seen.deployment, live);
        }
        return live.take(seen.inputs, seen.outputs) ? Optional.of(live.drift()) : Optional.empty();
    }
}
