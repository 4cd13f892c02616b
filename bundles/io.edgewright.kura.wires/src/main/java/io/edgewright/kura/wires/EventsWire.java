// SPDX-License-Identifier: Apache-2.0
package io.edgewright.kura.wires;

import io.edgewright.api.event.Event;
import io.edgewright.api.event.EventSink;
import io.edgewright.api.event.TopicFilter;
import java.util.List;
import java.util.Locale;
import org.eclipse.kura.wire.WireComponent;
import org.eclipse.kura.wire.WireEmitter;
import org.eclipse.kura.wire.WireHelperService;
import org.osgi.service.component.ComponentContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.osgi.service.metatype.annotations.Option;
import org.osgi.service.wireadmin.Producer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Sends the gateway's events of some kind, one record each: people who were counted, models that drift, swaps. */
@Component(
        name = EventsWire.PID,
        service = {WireComponent.class, WireEmitter.class, Producer.class, EventSink.class},
        immediate = true,
        configurationPolicy = ConfigurationPolicy.REQUIRE,
        property = "kura.ui.service.hide=true")
@Designate(ocd = EventsWire.Config.class, factory = true)
public final class EventsWire extends WiredComponent implements EventSink {

    static final String PID = "io.edgewright.kura.wires.events";

    private static final Logger LOG = LoggerFactory.getLogger(EventsWire.class);

    /** What is chosen in the form. */
    private enum Kind {
        RETAIL("retail/**"),
        DRIFT("drift/**"),
        DEPLOYMENTS("deployment/**"),
        ALL("**"),
        TOPICS;

        private final List<String> topics;

        Kind(String... topics) {
            this.topics = List.of(topics);
        }
    }

    private final Lane<Event> lane;
    private volatile TopicFilter filter;

    @ObjectClassDefinition(
            id = PID,
            name = "Edgewright events",
            description =
                    "Sends events of this gateway, one record each: event.topic, event.time, and what the event says.")
    @interface Config {

        @AttributeDefinition(
                name = "Kind",
                description = "Which events.",
                options = {
                    @Option(label = "Retail: visits, crossings, occupancy", value = "retail"),
                    @Option(label = "Drift alarms of models, and their ends", value = "drift"),
                    @Option(label = "Deployments: swaps, failovers, errors", value = "deployments"),
                    @Option(label = "All", value = "all"),
                    @Option(label = "As 'Topics' says", value = "topics")
                })
        String kind() default "retail";

        @AttributeDefinition(
                name = "Topics",
                description = "For the kind 'topics': patterns, by commas. * stands for one part of a topic, ** for any"
                        + " number of parts, ! leaves out, as in retail/*/visit, model/**, !model/test/**",
                required = false)
        String topics() default "";

        @AttributeDefinition(
                name = "Queue length",
                description = "Events that may wait for the wires; the oldest are dropped.",
                min = "1",
                max = "100000")
        int queue_length() default 1000;
    }

    /**
     * Called by Declarative Services.
     *
     * @param helper knows the wires
     * @param context tells Kura who this is
     * @param config checked here again
     */
    @Activate
    public EventsWire(@Reference WireHelperService helper, ComponentContext context, Config config) {
        super(helper, context);
        this.lane = new Lane<>(name(), this::send);
        this.filter = apply(config, lane);
    }

    @Activate
    void start() {
        lane.start();
    }

    @Modified
    void change(Config config) {
        filter = apply(config, lane);
    }

    @Deactivate
    void stop() {
        lane.close();
    }

    @Override
    public void publish(Event event) {
        if (filter.matches(event)) {
            lane.offer(event);
        }
    }

    private void send(Event event, long dropped) {
        if (dropped > 0) {
            LOG.warn("{}: {} events were dropped, as the wires are too slow", name(), dropped);
        }
        emit(0, List.of(EventRecords.of(event)));
    }

    private static TopicFilter apply(Config config, Lane<Event> lane) {
        Kind kind = InferenceSettings.choice("kind", Kind.class, config.kind());
        List<String> topics = kind == Kind.TOPICS ? Mapping.list(config.topics()) : kind.topics;
        if (topics.isEmpty()) {
            throw new IllegalArgumentException(
                    "topics is empty, expected a pattern such as retail/*/visit for the kind "
                            + kind.name().toLowerCase(Locale.ROOT));
        }
        lane.limit(InferenceSettings.in("queue.length", config.queue_length(), 1, 100_000), true);
        return TopicFilter.of(topics);
    }
}
