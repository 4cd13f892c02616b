// SPDX-License-Identifier: Apache-2.0
package io.edgewright.runtime;

import io.edgewright.api.event.Event;
import io.edgewright.api.inference.DeploymentEvent;
import io.edgewright.api.inference.DeploymentEvent.Kind;
import io.edgewright.api.inference.DeploymentStatus.State;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes down what happens to a deployment: log, history on disk, events; and holds its state. Thread-safe. */
final class Journal {

    private static final Logger LOG = LoggerFactory.getLogger(Journal.class);

    /** A state with its message. */
    record Condition(State state, String message, Instant since) {}

    private final String deployment;
    private final Time time;
    private final Consumer<Event> events;
    private final History history;
    private volatile Condition condition;

    Journal(String deployment, Services services) {
        this.deployment = deployment;
        this.time = services.time();
        this.events = services.events();
        this.history = new History(services.folder(), deployment);
        this.condition = new Condition(State.STARTING, "waits for its first version", time.now());
    }

    Condition condition() {
        return condition;
    }

    List<DeploymentEvent> last(int limit) {
        return history.last(limit);
    }

    boolean isFailing() {
        return history.isFailing();
    }

    void record(Kind kind, String message, Map<String, String> details) {
        Instant now = time.now();
        String state = kind == Kind.STATE ? details.getOrDefault("state", "") : "";
        boolean bad = kind == Kind.LOAD_FAILED || kind == Kind.DEVICE_LOST || kind == Kind.ROLLED_BACK;
        if (state.equals(State.FAILED.name())) {
            LOG.error("deployment {}: {}", deployment, message);
        } else if (bad || state.equals(State.DEGRADED.name())) {
            LOG.warn("deployment {}: {}", deployment, message);
        } else {
            LOG.info("deployment {}: {}", deployment, message);
        }
        publish(kind, message, details, now);
    }

    /** Writes down a measurement: history and events, no log line of its own. */
    void note(Kind kind, String message, Map<String, String> details) {
        publish(kind, message, details, time.now());
    }

    private void publish(Kind kind, String message, Map<String, String> details, Instant now) {
        history.add(new DeploymentEvent(now, deployment, kind, message, details));
        Map<String, Object> values = new HashMap<>(details);
        values.put("deployment", deployment);
        values.put("kind", kind.name());
        values.put("message", message);
        events.accept(new Event("deployment/" + deployment + "/" + kind.name().toLowerCase(Locale.ROOT), now, values));
    }

    /** Sets the state; only a change of it is an event, a new message alone is not. */
    void become(State state, String message) {
        Condition before = condition;
        if (before.state() == state) {
            condition = new Condition(state, message, before.since());
            return;
        }
        condition = new Condition(state, message, time.now());
        record(
                Kind.STATE,
                "is " + state + ": " + message,
                Map.of("state", state.name(), "from", before.state().name()));
    }
}
