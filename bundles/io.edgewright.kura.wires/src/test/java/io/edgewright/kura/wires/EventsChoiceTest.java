// SPDX-License-Identifier: Apache-2.0
package io.edgewright.kura.wires;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.edgewright.api.event.Event;
import io.edgewright.api.event.TopicFilter;
import io.edgewright.testkit.Configs;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class EventsChoiceTest {

    private static final List<String> TOPICS = List.of(
            "retail/door/visit",
            "retail/door/crossing",
            "retail/till/occupancy",
            "drift/wear/alarm",
            "drift/wear/over",
            "drift/shelf/alarm",
            "deployment/wear/swapped");

    @Test
    void retailEventsAreChosenByKindAndApplication() {
        assertThat(retail(Map.of()))
                .containsExactly("retail/door/visit", "retail/door/crossing", "retail/till/occupancy");
        assertThat(retail(Map.of("events", "visit"))).containsExactly("retail/door/visit");
        assertThat(retail(Map.of("applications", "till, gate"))).containsExactly("retail/till/occupancy");
    }

    @Test
    void driftAlarmsAreChosenByDeploymentAndWithoutTheirEnds() {
        assertThat(drift(Map.of())).containsExactly("drift/wear/alarm", "drift/wear/over", "drift/shelf/alarm");
        assertThat(drift(Map.of("deployments", "wear"))).containsExactly("drift/wear/alarm", "drift/wear/over");
        assertThat(drift(Map.of("ends", false))).containsExactly("drift/wear/alarm", "drift/shelf/alarm");
    }

    @Test
    void otherEventsAreChosenByKindOrTopics() {
        assertThat(other(Map.of())).containsExactly("deployment/wear/swapped");
        assertThat(other(Map.of("kind", "all"))).isEqualTo(TOPICS);
        assertThat(other(Map.of("kind", "retail"))).hasSize(3);
        assertThat(other(Map.of("kind", "topics", "topics", "drift/**, !drift/wear/*")))
                .containsExactly("drift/shelf/alarm");
    }

    @Test
    void whatCannotBeChosenIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> retail(Map.of("events", "theft")))
                .withMessageContainingAll("events", "theft", "visit");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> drift(Map.of("deployments", "a b")))
                .withMessageContaining("a b");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> other(Map.of("kind", "topics")))
                .withMessageContaining("topics is empty");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> drift(Map.of("queue.length", 0)))
                .withMessageContaining("queue.length");
    }

    private static List<String> retail(Map<String, Object> values) {
        return chosen(RetailWire.choice(Configs.of(RetailWire.Config.class, values)));
    }

    private static List<String> drift(Map<String, Object> values) {
        return chosen(DriftWire.choice(Configs.of(DriftWire.Config.class, values)));
    }

    private static List<String> other(Map<String, Object> values) {
        return chosen(TopicsWire.choice(Configs.of(TopicsWire.Config.class, values)));
    }

    private static List<String> chosen(EventsWire.Choice choice) {
        TopicFilter filter = TopicFilter.of(choice.topics());
        return TOPICS.stream()
                .filter(topic -> filter.matches(new Event(topic, Instant.EPOCH, Map.of())))
                .toList();
    }
}
