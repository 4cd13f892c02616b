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
import org.osgi.service.wireadmin.Producer;

/** Sends the alarms of models whose inputs or outputs have drifted. */
@Component(
        name = DriftWire.PID,
        service = {WireComponent.class, WireEmitter.class, Producer.class, EventSink.class},
        immediate = true,
        configurationPolicy = ConfigurationPolicy.REQUIRE,
        property = "kura.ui.service.hide=true")
@Designate(ocd = DriftWire.Config.class, factory = true)
public final class DriftWire extends EventsWire {

    static final String PID = "io.edgewright.kura.wires.drift";

    @ObjectClassDefinition(
            id = PID,
            name = "Edgewright drift alarm",
            description =
                    "Sends an alarm when what a model gets or answers is no longer what it was, and when that is over: one record each.")
    @interface Config {

        @AttributeDefinition(
                name = "Deployments",
                description = "Names of deployments, by commas; empty for all of them.",
                required = false)
        String deployments() default "";

        @AttributeDefinition(name = "Send ends", description = "Whether a record follows when the drift is over.")
        boolean ends() default true;

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
    public DriftWire(@Reference WireHelperService helper, ComponentContext context, Config config) {
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
        List<String> leaves = config.ends() ? List.of("alarm", "over") : List.of("alarm");
        return new Choice(Choice.topics("drift", config.deployments(), leaves), config.queue_length());
    }
}
