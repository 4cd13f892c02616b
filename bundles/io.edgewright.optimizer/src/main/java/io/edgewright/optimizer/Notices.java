// SPDX-License-Identifier: Apache-2.0
package io.edgewright.optimizer;

import io.edgewright.api.event.Event;
import io.edgewright.api.event.EventSink;
import io.edgewright.api.health.HealthCheck.Finding;
import io.edgewright.api.health.HealthCheck.Severity;
import io.edgewright.api.optimize.Drift;
import io.edgewright.api.optimize.Optimization;
import io.edgewright.api.optimize.Optimization.State;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the gateway and its operator are told: events, log lines, findings. Thread-safe. */
final class Notices {

    private static final Logger LOG = LoggerFactory.getLogger(EdgeOptimizer.class);

    private final Supplier<List<EventSink>> sinks;

    Notices(Supplier<List<EventSink>> sinks) {
        this.sinks = sinks;
    }

    /** The state of a request has changed. */
    void changed(Optimization now) {
        String model = now.request().model().toString();
        LOG.info("optimization of {} on {}: {}, {}", model, now.request().accelerator(), now.state(), now.message());
        publish(new Event(
                "optimization/" + now.request().model().name() + "/"
                        + now.state().name().toLowerCase(Locale.ROOT),
                Instant.now(),
                Map.of(
                        "id", now.id(),
                        "model", model,
                        "accelerator", now.request().accelerator(),
                        "pipeline", now.request().pipeline().toString(),
                        "message", now.message())));
    }

    /** A drift alarm has begun or ended. */
    void drifted(Drift drift) {
        LOG.warn(
                "deployment {}: drift {}, {}",
                drift.deployment(),
                drift.alarm() ? "alarm" : "is over",
                text(drift.psi()));
        publish(new Event(
                "drift/" + drift.deployment() + (drift.alarm() ? "/alarm" : "/over"),
                Instant.now(),
                Map.of(
                        "deployment", drift.deployment(),
                        "model", drift.model().toString(),
                        "samples", drift.samples(),
                        "psi", drift.psi(),
                        "message", drift.alarm() ? "its data have drifted" : "its data are as they were")));
    }

    /** {@return what is not well} */
    static List<Finding> findings(List<Drift> drift, Map<String, String> problems, List<Optimization> requests) {
        Stream<Finding> drifted = drift.stream()
                .filter(Drift::alarm)
                .map(d -> new Finding(
                        Severity.WARNING,
                        "deployment " + d.deployment(),
                        "its data have drifted: " + text(d.psi()),
                        "look at the sensor and at what the model was trained with"));
        Stream<Finding> unmet = requests.stream()
                .filter(o -> o.state() == State.FAILED || isStuck(o))
                .map(o -> new Finding(
                        Severity.WARNING,
                        "optimization of " + o.request().model(),
                        o.message(),
                        o.state() == State.FAILED
                                ? "change what the message says, or forget the request"
                                : "see to what is missing, or cancel the request"));
        Stream<Finding> unkept = problems.entrySet().stream()
                .map(p -> new Finding(
                        Severity.WARNING,
                        "deployment " + p.getKey(),
                        "what is seen of it cannot be kept over a restart: " + p.getValue(),
                        "make room on the disk, or look at the rights of the folder"));
        return Stream.of(drifted, unmet, unkept).flatMap(s -> s).toList();
    }

    /** {@return the index of each tensor, by name} */
    private static String text(Map<String, Double> psi) {
        return new TreeMap<>(psi)
                .entrySet().stream()
                        .map(e -> String.format(Locale.ROOT, "%s %.2f", e.getKey(), e.getValue()))
                        .collect(Collectors.joining(", "));
    }

    private static boolean isStuck(Optimization o) {
        return o.state() == State.WAITING
                && o.message().startsWith(Jobs.MISSING)
                && !o.message().startsWith(Jobs.MISSING + SampleSources.COMING);
    }

    private void publish(Event event) {
        for (EventSink sink : sinks.get()) {
            try {
                sink.publish(event);
            } catch (RuntimeException | LinkageError e) { // a sink is foreign code, and may be half gone
                LOG.warn("an event sink failed on {}", event.topic(), e);
            }
        }
    }
}
