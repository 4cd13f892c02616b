// SPDX-License-Identifier: Apache-2.0
package io.edgewright.kura.wires;

import io.edgewright.api.event.Event;
import io.edgewright.api.event.EventSink;
import io.edgewright.api.event.TopicFilter;
import java.util.ArrayList;
import java.util.List;
import org.eclipse.kura.wire.WireHelperService;
import org.osgi.service.component.ComponentContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the components that send events of the gateway have in common: one record each, over a queue. */
abstract class EventsWire extends WiredComponent implements EventSink {

    private static final Logger LOG = LoggerFactory.getLogger(EventsWire.class);

    /**
     * What is sent.
     *
     * @param topics the patterns of a {@link TopicFilter}
     * @param queueLength events that may wait for the wires
     */
    record Choice(List<String> topics, int queueLength) {

        Choice {
            InferenceSettings.in("queue.length", queueLength, 1, 100_000);
        }

        /**
         * {@return the topics {@code ROOT/NAME/LEAF} of some names and leaves}
         *
         * @param names by commas; empty for all
         */
        static List<String> topics(String root, String names, List<String> leaves) {
            List<String> some = Mapping.list(names);
            List<String> topics = new ArrayList<>();
            for (String name : some.isEmpty() ? List.of("*") : some) {
                leaves.forEach(leaf -> topics.add(root + "/" + name + "/" + leaf));
            }
            return topics;
        }
    }

    private final Lane<Event> lane;
    private volatile TopicFilter filter;

    EventsWire(WireHelperService helper, ComponentContext context, Choice choice) {
        super(helper, context);
        this.lane = new Lane<>(name(), this::send);
        this.filter = TopicFilter.of(choice.topics());
        lane.limit(choice.queueLength(), true);
    }

    final void begin() {
        lane.start();
    }

    final void choose(Choice choice) {
        filter = TopicFilter.of(choice.topics());
        lane.limit(choice.queueLength(), true);
    }

    final void end() {
        lane.close();
    }

    @Override
    public final void publish(Event event) {
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
}
