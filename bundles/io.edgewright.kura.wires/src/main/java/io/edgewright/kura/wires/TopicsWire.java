// SPDX-License-Identifier: Apache-2.0
package io.edgewright.kura.wires;

import io.edgewright.api.event.EventSink;
import java.util.List;
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

/** Sends events that have no component of their own, by their topics. */
@Component(
        name = TopicsWire.PID,
        service = {WireComponent.class, WireEmitter.class, Producer.class, EventSink.class},
        immediate = true,
        configurationPolicy = ConfigurationPolicy.REQUIRE,
        property = "kura.ui.service.hide=true")
@Designate(ocd = TopicsWire.Config.class, factory = true)
public final class TopicsWire extends EventsWire {

    static final String PID = "io.edgewright.kura.wires.events";

    @ObjectClassDefinition(
            id = PID,
            name = "Edgewright events",
            description = "Sends any events of this gateway, one record each: event.topic, event.time, and what the"
                    + " event says. For retail events and drift alarms there are components of their own.")
    @interface Config {

        @AttributeDefinition(
                name = "Kind",
                description = "Which events.",
                options = {
                    @Option(label = "Deployments: swaps, failovers, errors", value = "deployments"),
                    @Option(label = "All", value = "all"),
                    @Option(label = "As 'Topics' says", value = "topics"),
                    @Option(label = "Retail, as Edgewright retail events sends", value = "retail"),
                    @Option(label = "Drift, as Edgewright drift alarm sends", value = "drift")
                })
        String kind() default "deployments";

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
    public TopicsWire(@Reference WireHelperService helper, ComponentContext context, Config config) {
        super(helper, context, choice(config));
    }

    @Activate
    void start() {
        begin();
    }

    @Modified
    void change(Config config) {
        choose(choice(config));
    }

    @Deactivate
    void stop() {
        end();
    }

    static Choice choice(Config config) {
        Kind kind = InferenceSettings.choice("kind", Kind.class, config.kind());
        List<String> topics = kind == Kind.TOPICS ? Mapping.list(config.topics()) : kind.topics;
        if (topics.isEmpty()) {
            throw new IllegalArgumentException(
                    "topics is empty, expected a pattern such as retail/*/visit for the kind topics");
        }
        return new Choice(topics, config.queue_length());
    }

    /** What is chosen in the form. The last two are those of graphs from before they had components of their own. */
    private enum Kind {
        DEPLOYMENTS("deployment/**"),
        ALL("**"),
        TOPICS,
        RETAIL("retail/**"),
        DRIFT("drift/**");

        private final List<String> topics;

        Kind(String... topics) {
            this.topics = List.of(topics);
        }
    }
}
