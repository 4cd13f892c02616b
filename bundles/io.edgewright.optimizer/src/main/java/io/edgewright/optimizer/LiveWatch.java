// SPDX-License-Identifier: Apache-2.0
package io.edgewright.optimizer;

import io.edgewright.api.inference.DeploymentEvent;
import io.edgewright.api.inference.Deployments;
import io.edgewright.api.inference.InferenceTap;
import io.edgewright.api.model.ModelManifest;
import io.edgewright.api.optimize.Drift;
import io.edgewright.api.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Looks at the inferences that deployments show, on a thread of its own. Thread-safe. */
final class LiveWatch implements InferenceTap, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(LiveWatch.class);
    private static final int WAITING = 64; // inferences; more are dropped
    private static final long END_MILLIS = 2_000;

    private final Path folder;
    private final Live.Limits limits;
    private final Consumer<Drift> whenAlarm;
    private final BlockingQueue<Runnable> queue = new LinkedBlockingQueue<>();
    private final Map<String, Live> all = new TreeMap<>(); // guarded by this
    private final Map<String, Allowance> allowances = new HashMap<>(); // guarded by this
    private final Thread worker;
    private volatile boolean closed;

    /**
     * @param folder where what must last is kept, a folder for each deployment
     * @param limits of all deployments
     * @param whenAlarm told when an alarm begins or ends
     */
    LiveWatch(Path folder, Live.Limits limits, Consumer<Drift> whenAlarm) {
        this.folder = folder;
        this.limits = limits;
        this.whenAlarm = whenAlarm;
        this.worker = new Thread(this::run, "edgewright-drift");
        worker.setDaemon(true);
        worker.start();
    }

    @Override
    public void take(String deployment, ModelManifest model, Map<String, Tensor> inputs, Map<String, Tensor> outputs) {
        if (queue.size() < WAITING) { // else it is dropped: a sample only
            queue.add(() -> count(deployment, model, inputs, outputs).ifPresent(whenAlarm));
        }
    }

    @Override
    public void allow(String deployment, Allowance allowance) {
        queue.add(() -> apply(deployment, allowance));
    }

    /** Forgets the deployments whose history ends with their deletion; one that is not configured yet keeps what it has. */
    void forgetDeleted(Deployments deployments) {
        queue.add(() -> deployments().stream()
                .filter(name -> isDeleted(name, deployments))
                .forEach(this::forget));
    }

    /** {@return inputs that were captured of a deployment} */
    synchronized Optional<Samples> samples(String deployment) {
        return Optional.ofNullable(all.get(deployment)).map(live -> Samples.Held.of(live.reservoir()));
    }

    synchronized List<Drift> drift() {
        return all.values().stream().map(Live::drift).toList();
    }

    /** {@return by deployment, why something is not on disk} */
    synchronized Map<String, String> problems() {
        Map<String, String> problems = new TreeMap<>();
        all.forEach((deployment, live) -> problems.put(deployment, live.problem()));
        problems.values().removeIf(String::isEmpty);
        return problems;
    }

    /** What a deployment does from now on is its reference. {@return false if nothing is seen of it} */
    synchronized boolean beginAnew(String deployment) {
        Live live = all.get(deployment);
        if (live != null) {
            live.beginAnew();
        }
        return live != null;
    }

    @Override
    public void close() {
        closed = true;
        queue.add(() -> {}); // wakes the worker
        try {
            worker.join(END_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        restore();
        try {
            while (!closed) {
                queue.take().run();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // whoever interrupts the worker wants it to end
        }
    }

    private synchronized void restore() {
        if (!Files.isDirectory(folder)) {
            return;
        }
        try (Stream<Path> folders = Files.list(folder)) {
            for (Path one : folders.filter(Files::isDirectory).toList()) {
                String deployment = String.valueOf(one.getFileName());
                Live.restore(deployment, limits, new LiveFolder(one)).ifPresent(live -> all.put(deployment, live));
            }
        } catch (IOException e) {
            LOG.warn("{} cannot be read, so that drift is measured anew: {}", folder, e.toString());
        }
    }

    private synchronized List<String> deployments() {
        return List.copyOf(all.keySet());
    }

    private static boolean isDeleted(String deployment, Deployments deployments) {
        return deployments.find(deployment).isEmpty()
                && deployments.history(deployment, 1).stream().anyMatch(e -> e.kind() == DeploymentEvent.Kind.DELETED);
    }

    private synchronized void forget(String deployment) {
        all.remove(deployment);
        new LiveFolder(folder.resolve(deployment)).clear();
    }

    private synchronized void apply(String deployment, Allowance allowance) {
        allowances.put(deployment, allowance);
        Live live = all.get(deployment);
        if (allowance.place() == Place.NOWHERE) {
            forget(deployment);
        } else if (live != null) {
            live.allow(allowance);
        }
    }

    private synchronized Optional<Drift> count(
            String deployment, ModelManifest model, Map<String, Tensor> inputs, Map<String, Tensor> outputs) {
        Allowance allowance = allowances.getOrDefault(deployment, Live.CAUTIOUS);
        if (allowance.place() == Place.NOWHERE) {
            return Optional.empty();
        }
        Live live = all.get(deployment);
        if (live == null || !live.isOf(model)) {
            live = Live.of(deployment, model, limits, new LiveFolder(folder.resolve(deployment)), allowance);
            all.put(deployment, live);
        }
        return live.take(inputs, outputs) ? Optional.of(live.drift()) : Optional.empty();
    }
}
