// SPDX-License-Identifier: Apache-2.0
package io.edgewright.rest;

import com.google.gson.JsonObject;
import io.edgewright.api.event.Event;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** Events as server-sent events (HTML standard, section 9.2). A listener that is too slow loses the oldest. Thread-safe. */
final class EventHub {

    private static final int QUEUED = 256;
    private static final Duration HEARTBEAT = Duration.ofSeconds(15);
    private static final Duration LONGEST = Duration.ofHours(1); // the browser connects again, and is checked again

    private static final byte[] PING = ": ping\n\n".getBytes(StandardCharsets.UTF_8);

    private final Supplier<Options> options;
    private final Authenticator authenticator;
    private final List<BlockingQueue<Optional<Event>>> clients = new CopyOnWriteArrayList<>();
    private volatile boolean closed;

    EventHub(Supplier<Options> options, Authenticator authenticator) {
        this.options = options;
        this.authenticator = authenticator;
    }

    void addTo(Router router) {
        router.add("GET", "/api/v1/events", Role.VIEWER, this::listen);
    }

    void publish(Event event) {
        for (BlockingQueue<Optional<Event>> client : clients) {
            offer(client, Optional.of(event));
        }
    }

    /** Ends all responses. */
    void close() {
        closed = true;
        clients.forEach(client -> offer(client, Optional.empty()));
    }

    private void listen(Call call) throws IOException, HttpProblem {
        if (call.method()
                .equals("HEAD")) { // nothing is ever written to him, so that nobody would notice when he is gone
            call.respond(200, "text/event-stream", -1);
            return;
        }
        var queue = new LinkedBlockingQueue<Optional<Event>>(QUEUED);
        synchronized (clients) {
            int most = options.get().eventClients();
            if (closed || clients.size() >= most) {
                throw new HttpProblem(503, "TOO_MANY", most + " clients listen to events already", 10);
            }
            clients.add(queue);
        }
        try {
            call.setHeader("X-Accel-Buffering", "no");
            OutputStream out = call.respond(200, "text/event-stream", -1);
            send(call, queue, out);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            clients.remove(queue);
        }
    }

    private void send(Call call, BlockingQueue<Optional<Event>> queue, OutputStream out)
            throws IOException, InterruptedException {
        long end = System.nanoTime() + LONGEST.toNanos();
        out.write(PING);
        out.flush();
        while (!closed && System.nanoTime() - end < 0) {
            Optional<Event> next = queue.poll(HEARTBEAT.toMillis(), TimeUnit.MILLISECONDS);
            if (!stillMay(call)) {
                return;
            }
            if (next == null) {
                out.write(PING);
            } else if (next.isEmpty()) {
                return;
            } else {
                out.write(frame(next.get()));
            }
            out.flush();
        }
    }

    /** {@return false if his token was revoked, his session ended or his role taken since he came} */
    private boolean stillMay(Call call) {
        if (call.identity().kind() == Identity.Kind.TRUSTED) {
            return true; // the adapter knows, nobody here
        }
        try {
            return authenticator.identify(call, options.get()).role().includes(Role.VIEWER);
        } catch (HttpProblem e) {
            return false;
        }
    }

    static byte[] frame(Event event) {
        var data = new JsonObject();
        event.values().forEach((name, value) -> data.add(name, Json.of(value)));
        data.addProperty("topic", event.topic());
        data.addProperty("time", event.time().toString());
        // Gson escapes line ends, so the data is one line
        return ("event: " + event.topic() + "\ndata: " + Json.text(data) + "\n\n").getBytes(StandardCharsets.UTF_8);
    }

    private static void offer(BlockingQueue<Optional<Event>> client, Optional<Event> event) {
        while (!client.offer(event)) {
            client.poll();
        }
    }
}
