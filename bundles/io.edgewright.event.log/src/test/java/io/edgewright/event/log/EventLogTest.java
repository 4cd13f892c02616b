// SPDX-License-Identifier: Apache-2.0
package io.edgewright.event.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.edgewright.api.event.Event;
import io.edgewright.testkit.Configs;
import java.lang.reflect.Proxy;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;

final class EventLogTest {

    private final List<String> lines = new ArrayList<>();

    @Test
    void writesEveryEventInOneLineUnlessTold() {
        log(Map.of()).publish(event("retail/entrance/visit", Map.of("track", 4L, "seconds", 12.5)));
        assertThat(lines).containsExactly("info retail/entrance/visit {seconds=12.5, track=4}");
    }

    @Test
    void keepsToTheTopicsAndTheLevelThatAreSet() {
        var log = log(Map.of("topics", new String[] {"retail/*/visit", "deployment/**"}, "level", "WARN"));
        log.publish(event("retail/entrance/visit", Map.of()));
        log.publish(event("retail/entrance/occupancy", Map.of()));
        log.publish(event("retail/a/b/visit", Map.of()));
        log.publish(event("deployment/shelf/swapped", Map.of()));
        log.publish(event("model/detector/added", Map.of()));
        assertThat(lines).containsExactly("warn retail/entrance/visit {}", "warn deployment/shelf/swapped {}");
    }

    @Test
    void leavesOutWhatDeploymentsLogThemselves() {
        log(Map.of()).publish(event("deployment/shelf/swapped", Map.of()));
        assertThat(lines).isEmpty();
    }

    @Test
    void takesADotInATopicLiterally() {
        var log = log(Map.of("topics", new String[] {"model/v1.0/added"}));
        log.publish(event("model/v1x0/added", Map.of()));
        assertThat(lines).isEmpty();
    }

    @Test
    void cannotBeMadeToForgeALine() {
        log(Map.of()).publish(event("app/x", Map.of("label", "cat\n2026-01-01 ERROR forged\u001b[2J")));
        assertThat(lines).containsExactly("info app/x {label=cat?2026-01-01 ERROR forged?[2J}");
    }

    @Test
    void refusesWhatItCannotFollow() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> log(Map.of("level", "LOUD")))
                .withMessageContainingAll("LOUD", "INFO");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> log(Map.of("topics", new String[] {"retail/(x"})))
                .withMessageContainingAll("retail/(x", "deployment/**");
    }

    private EventLog log(Map<String, Object> properties) {
        Logger logger = (Logger) Proxy.newProxyInstance(
                Logger.class.getClassLoader(), new Class<?>[] {Logger.class}, (proxy, method, arguments) -> {
                    lines.add(method.getName() + " " + arguments[0]);
                    return null;
                });
        return new EventLog(Configs.of(EventLog.Config.class, properties), logger);
    }

    private static Event event(String topic, Map<String, Object> values) {
        return new Event(topic, Instant.EPOCH, values);
    }
}
