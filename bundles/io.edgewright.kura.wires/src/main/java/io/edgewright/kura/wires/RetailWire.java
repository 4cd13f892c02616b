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

/** Sends what the retail application counts. */
@Component(
        name = RetailWire.PID,
        service = {WireComponent.class, WireEmitter.class, Producer.class, EventSink.class},
        immediate = true,
        configurationPolicy = ConfigurationPolicy.REQUIRE,
        property = "kura.ui.service.hide=true")
@Designate(ocd = RetailWire.Config.class, factory = true)
public final class RetailWire extends EventsWire {

    static final String PID = "io.edgewright.kura.wires.retail";

    @ObjectClassDefinition(
            id = PID,
            name = "Edgewright retail events",
            description =
                    "Sends visits, line crossings and occupancy that the retail application has counted: one record each.")
    @interface Config {

        @AttributeDefinition(
                name = "Events",
                description = "Which of them.",
                options = {
                    @Option(label = "All", value = "all"),
                    @Option(label = "Visits that are over, with their time in a zone", value = "visit"),
                    @Option(label = "Crossings of lines, with the sums", value = "crossing"),
                    @Option(label = "Occupancy of zones, when it changes", value = "occupancy")
                })
        String events() default "all";

        @AttributeDefinition(
                name = "Applications",
                description = "Names of retail applications, by commas; empty for all of them.",
                required = false)
        String applications() default "";

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
    public RetailWire(@Reference WireHelperService helper, ComponentContext context, Config config) {
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
        Kind kind = InferenceSettings.choice("events", Kind.class, config.events());
        return new Choice(Choice.topics("retail", config.applications(), List.of(kind.leaf)), config.queue_length());
    }

    /** What is chosen in the form. */
    private enum Kind {
        ALL("**"),
        VISIT("visit"),
        CROSSING("crossing"),
        OCCUPANCY("occupancy");

        private final String leaf;

        Kind(String leaf) {
            this.leaf = leaf;
        }
    }
}
