// SPDX-License-Identifier: Apache-2.0
package io.edgewright.runtime;

import io.edgewright.api.accelerator.Deadline;
import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.accelerator.InferenceException.Reason;
import io.edgewright.api.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * The queue behind {@code submit}: what waits already is run as one batch where that was measured to pay. Nothing waits
 * for a batch to fill. Thread-safe.
 */
final class Batcher {

    /** One queued request. */
    private static final class Item implements Comparable<Item> {

        private final Map<String, Tensor> inputs;
        private final Deadline deadline;
        private final int priority;
        private final long arrival;
        private final long start = System.nanoTime();
        private final @Nullable String version; // null: whichever serves
        private final CompletableFuture<Map<String, Tensor>> future = new CompletableFuture<>();

        Item(Map<String, Tensor> inputs, Deadline deadline, int priority, long arrival, @Nullable String version) {
            this.inputs = inputs;
            this.deadline = deadline;
            this.priority = priority;
            this.arrival = arrival;
            this.version = version;
        }

        @Override
        public int compareTo(Item other) {
            return priority != other.priority
                    ? Integer.compare(other.priority, priority)
                    : Long.compare(arrival, other.arrival);
        }
    }

    private static final int MOST_RUNNERS = Math.max(4, 2 * Runtime.getRuntime().availableProcessors());

    private final Router router;
    private final Calls calls;
    private final Executor executor;
    private final PriorityQueue<Item> queue = new PriorityQueue<>(); // guarded by this, as the numbers are
    private int limit = 64;
    private int most = 8;
    private int runners;
    private long arrivals;
    private boolean closed;

    Batcher(Router router, Calls calls, Executor executor) {
        this.router = router;
        this.calls = calls;
        this.executor = executor;
    }

    /** Sets how many may wait and the largest batch. */
    synchronized void configure(int queueLength, int batchMax) {
        limit = queueLength;
        most = batchMax;
    }

    synchronized int waiting() {
        return queue.size();
    }

    CompletableFuture<Map<String, Tensor>> submit(Map<String, Tensor> inputs, Deadline deadline, int priority) {
        return enqueue(inputs, deadline, priority, null);
    }

    CompletableFuture<Map<String, Tensor>> submitTo(
            String version, Map<String, Tensor> inputs, Deadline deadline, int priority) {
        return enqueue(inputs, deadline, priority, version);
    }

    /** Fails all that wait. */
    void close() {
        List<Item> left;
        synchronized (this) {
            closed = true;
            left = List.copyOf(queue);
            queue.clear();
        }
        left.forEach(item -> item.future.completeExceptionally(
                new InferenceException(Reason.NOT_READY, "the deployment is being removed", null)));
    }

    private CompletableFuture<Map<String, Tensor>> enqueue(
            Map<String, Tensor> inputs, Deadline deadline, int priority, @Nullable String version) {
        boolean start;
        Item item;
        synchronized (this) {
            item = new Item(Map.copyOf(inputs), deadline, priority, arrivals++, version);
            if (closed) {
                item.future.completeExceptionally(
                        new InferenceException(Reason.NOT_READY, "the deployment is being removed", null));
                return item.future;
            }
            if (queue.size() >= limit) {
                queue.removeIf(waiting -> waiting.future.isDone()); // cancelled ones make room
            }
            if (queue.size() >= limit) {
                item.future.completeExceptionally(new InferenceException(
                        Reason.QUEUE_FULL,
                        queue.size() + " requests are queued already, at most " + limit + " may",
                        null));
                return item.future;
            }
            queue.add(item);
            start = runners < Math.min(router.route().slots(), MOST_RUNNERS);
            if (start) {
                runners++;
            }
        }
        if (start) {
            startRunner();
        }
        return item.future;
    }

    private void startRunner() {
        try {
            executor.execute(this::drain);
        } catch (RejectedExecutionException e) {
            synchronized (this) {
                runners--;
            }
            close(); // the runtime is being stopped
        } catch (OutOfMemoryError e) { // no thread can be started
            failIfNobodyRuns(e);
        }
    }

    /** Those who wait would wait for ever if there is no other runner. */
    private void failIfNobodyRuns(OutOfMemoryError cause) {
        List<Item> left = List.of();
        synchronized (this) {
            runners--;
            if (runners == 0) {
                left = List.copyOf(queue);
                queue.clear();
            }
        }
        left.forEach(item -> item.future.completeExceptionally(new InferenceException(
                Reason.DEVICE_UNAVAILABLE, "no thread could be started to run it: " + cause.getMessage(), cause)));
    }

    private void drain() {
        for (List<Item> batch = next(); !batch.isEmpty(); batch = next()) {
            run(batch);
        }
    }

    /** {@return what to run next; empty, and one runner fewer, if nothing waits} */
    private synchronized List<Item> next() {
        for (Item first = queue.poll(); first != null; first = queue.poll()) {
            if (isAlive(first)) {
                return withEqualOnes(first);
            }
        }
        runners--;
        return List.of();
    }

    private List<Item> withEqualOnes(Item first) {
        int wanted = first.version != null ? 1 : Math.min(most, router.route().batchMost());
        if (wanted < 2 || queue.isEmpty() || !Batches.isOneItem(first.inputs)) {
            return List.of(first);
        }
        List<Item> batch = new ArrayList<>(List.of(first));
        List<Item> others = new ArrayList<>();
        for (Item item = queue.poll(); item != null && batch.size() < wanted; item = queue.poll()) {
            if (isAlive(item)) {
                boolean fits = item.version == null
                        && areAlikeUrgent(first.deadline, item.deadline)
                        && Batches.areAlike(first.inputs, item.inputs);
                (fits ? batch : others).add(item);
            }
            if (batch.size() == wanted) {
                break;
            }
        }
        int size = Integer.highestOneBit(batch.size()); // only sizes that were measured, and few sets of buffers
        queue.addAll(batch.subList(size, batch.size()));
        queue.addAll(others);
        return List.copyOf(batch.subList(0, size));
    }

    /** {@return true if either may wait about as long as the other: a batch is cut off at the latest of its deadlines} */
    private static boolean areAlikeUrgent(Deadline a, Deadline b) {
        long one = a.remainingNanos();
        long other = b.remainingNanos();
        return Math.max(one, other) / 2 <= Math.min(one, other);
    }

    private boolean isAlive(Item item) {
        if (item.deadline.passed()) {
            item.future.completeExceptionally(new InferenceException(
                    Reason.DEADLINE_EXCEEDED, "its turn did not come before the deadline; nothing was run", null));
        }
        return !item.future.isDone();
    }

    private void run(List<Item> batch) {
        if (batch.size() == 1) {
            runOne(batch.get(0));
            return;
        }
        Item first = batch.get(0);
        Deadline latest = first.deadline;
        long oldest = first.start;
        for (Item item : batch) {
            latest = item.deadline.remainingNanos() > latest.remainingNanos() ? item.deadline : latest;
            oldest = item.start - oldest < 0 ? item.start : oldest;
        }
        try {
            List<Map<String, Tensor>> inputs =
                    batch.stream().map(item -> item.inputs).toList();
            List<Map<String, Tensor>> answers = calls.call(
                    Batches.writer(inputs),
                    new VersionReader<>((outputs, version) -> Batches.split(outputs, version, batch.size())),
                    latest,
                    first.priority,
                    batch.size(),
                    oldest);
            for (int i = 0; i < batch.size(); i++) {
                batch.get(i).future.complete(answers.get(i));
            }
        } catch (InferenceException | RuntimeException | Error e) {
            batch.forEach(this::runOne); // one bad request must not fail the others
        }
    }

    private void runOne(Item item) {
        if (!isAlive(item)) {
            return;
        }
        try {
            String version = item.version;
            var writer = new TensorMaps.Writer(item.inputs);
            item.future.complete(
                    version == null
                            ? calls.call(writer, TensorMaps.READER, item.deadline, item.priority, 1, item.start)
                            : calls.callVersion(
                                    version, writer, TensorMaps.READER, item.deadline, item.priority, item.start));
        } catch (InferenceException | RuntimeException | Error e) {
            item.future.completeExceptionally(e); // whatever it is, somebody waits for it on another thread
        }
    }
}
