// SPDX-License-Identifier: Apache-2.0
package io.edgewright.event.log;

import io.edgewright.api.event.Event;
import io.edgewright.api.event.EventSink;
import io.edgewright.api.event.TopicFilter;
import java.util.List;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.osgi.service.metatype.annotations.Option;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes events to the log, one line each. */
@Component(name = EventLog.PID, property = "kura.ui.service.hide:Boolean=true")
@Designate(ocd = EventLog.Config.class)
public final class EventLog implements EventSink {

    static final String PID = "io.edgewright.event.log";

    private final TopicFilter topics;
    private final Consumer<String> log;

    @ObjectClassDefinition(id = PID, name = "Edgewright event log", description = "Writes events to the log.")
    @interface Config {

        @AttributeDefinition(
                name = "Topics",
                description = "Which events: * stands for one part of a topic, ** for any number of parts, as in"
                        + " retail/*/visit; one that begins with ! is left out. Deployments log their own steps.")
        String[] topics() default {"**", "!deployment/**"};

        @AttributeDefinition(
                name = "Level",
                description = "The level they are logged at.",
                options = {
                    @Option(label = "Warning", value = "WARN"),
                    @Option(label = "Information", value = "INFO"),
                    @Option(label = "Debug", value = "DEBUG")
                })
        String level() default "INFO";
    }

    /** @param config which events, and how loud */
    @Activate
    public EventLog(Config config) {
        this(config, LoggerFactory.getLogger(EventLog.class));
    }

    EventLog(Config config, Logger logger) {
        this.topics = TopicFilter.of(List.of(config.topics()));
        this.log = switch (config.level()) {
            case "WARN" -> logger::warn;
            case "INFO" -> logger::info;
            case "DEBUG" -> logger::debug;
            default ->
                throw new IllegalArgumentException("level is '" + config.level() + "', expected WARN, INFO or DEBUG");
        };
    }

    @Override
    public void publish(Event event) {
        if (topics.matches(event)) {
            String values = new TreeMap<>(event.values()).toString();
            // one event, one line: a value from outside must not look like a line of ours
            log.accept(event.topic() + " " + values.replaceAll("\\p{Cntrl}", "?"));
        }
    }
}
