// SPDX-License-Identifier: Apache-2.0
package io.edgewright.kura.cloud;

import com.google.gson.JsonObject;
import io.edgewright.api.event.Event;
import io.edgewright.api.update.UpdateProgress;
import io.edgewright.api.update.UpdateProgress.State;
import java.nio.charset.StandardCharsets;
import java.util.Date;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.eclipse.kura.KuraException;
import org.eclipse.kura.cloudconnection.message.KuraMessage;
import org.eclipse.kura.cloudconnection.publisher.CloudNotificationPublisher;
import org.eclipse.kura.message.KuraPayload;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells those who asked for an update how far it is, with the metrics of DEPLOY-V2. Thread-safe. */
final class Notifications implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Notifications.class);

    private static final int QUEUED = 256;

    /**
     * Who asked.
     *
     * @param publisher of the cloud connection that the request came by
     * @param client the client id of who sent it
     * @param gateway the client id of this gateway
     */
    record Requester(CloudNotificationPublisher publisher, String client, String gateway) {}

    private final Map<String, Requester> requesters = new ConcurrentHashMap<>();

    // a publisher stores messages in a database: events must not wait for that; when it is too slow, the oldest are
    // lost
    private final ThreadPoolExecutor sender = new ThreadPoolExecutor(
            1,
            1,
            10,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(QUEUED),
            r -> new Thread(r, "edgewright-notifications"),
            new ThreadPoolExecutor.DiscardOldestPolicy());

    Notifications() {
        sender.allowCoreThreadTimeOut(true);
    }

    /**
     * Tells a requester of every step of an update from now on.
     *
     * @return undoes it
     */
    Runnable follow(String update, Requester requester) {
        Optional<Requester> before = Optional.ofNullable(requesters.put(update, requester));
        return () -> before.ifPresentOrElse(b -> requesters.put(update, b), () -> requesters.remove(update));
    }

    /** Takes an event {@value UpdateProgress#TOPIC}; returns at once. */
    void publish(Event event) {
        String id = String.valueOf(event.values().get("id"));
        State state = State.valueOf(String.valueOf(event.values().get("state")));
        boolean ended = new UpdateProgress(state, 0, "").ended();
        Requester requester = ended ? requesters.remove(id) : requesters.get(id);
        if (requester != null) {
            sender.execute(() -> send(requester, id, state, event));
        }
    }

    @Override
    public void close() {
        sender.shutdownNow();
        requesters.clear();
    }

    private static void send(Requester requester, String id, State state, Event event) {
        var properties = Map.<String, Object>of(
                "appId", CloudHandler.APP_ID, "messageType", "updates", "requestorClientId", requester.client());
        try {
            requester.publisher().publish(new KuraMessage(payload(requester, id, state, event), properties));
        } catch (KuraException e) {
            LOG.warn("{} could not be told that update {} is {}: {}", requester.client(), id, state, e.getMessage());
        }
    }

    private static KuraPayload payload(Requester requester, String id, State state, Event event) {
        long percent = state == State.SUCCEEDED ? 100 : whole(event, "percent");
        String message = String.valueOf(event.values().get("message"));
        var json = new JsonObject();
        json.addProperty("id", id);
        json.addProperty("state", state.name());
        json.addProperty("percent", percent);
        json.addProperty("message", message);
        var payload = new KuraPayload();
        payload.setTimestamp(Date.from(event.time()));
        payload.addMetric("client.id", requester.gateway());
        payload.addMetric("job.id", id);
        payload.addMetric("dp.download.size", whole(event, "sizeBytes"));
        payload.addMetric("dp.download.progress", (int) percent);
        payload.addMetric("dp.download.status", status(state));
        if (state == State.FAILED || state == State.ROLLED_BACK) {
            payload.addMetric("dp.download.error.message", message);
        }
        payload.setBody(json.toString().getBytes(StandardCharsets.UTF_8));
        return payload;
    }

    private static long whole(Event event, String value) {
        return event.values().get(value) instanceof Number number ? number.longValue() : 0;
    }

    private static String status(State state) {
        return switch (state) {
            case OFFERED, DOWNLOADING, VERIFYING, STAGED, APPLYING, OBSERVING -> "IN_PROGRESS";
            case SUCCEEDED -> "COMPLETED";
            case FAILED, ROLLED_BACK -> "FAILED";
            case CANCELLED -> "CANCELLED";
        };
    }
}
