// SPDX-License-Identifier: Apache-2.0
package io.edgewright.api.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TopicFilterTest {

    @Test
    void aStarStandsForOnePartAndTwoForAnyNumber() {
        TopicFilter filter = TopicFilter.of(List.of("retail/*/visit", "deployment/**"));
        assertThat(passes(filter, "retail/entrance/visit")).isTrue();
        assertThat(passes(filter, "retail/a/b/visit")).isFalse();
        assertThat(passes(filter, "retail/entrance/occupancy")).isFalse();
        assertThat(passes(filter, "deployment/shelf/swapped")).isTrue();
    }

    @Test
    void whatIsLeftOutStaysOutWhateverElseIsWanted() {
        TopicFilter filter = TopicFilter.of(List.of("!deployment/**", "**"));
        assertThat(passes(filter, "deployment/shelf/swapped")).isFalse();
        assertThat(passes(filter, "model/detector/added")).isTrue();
    }

    @Test
    void aDotIsADot() {
        TopicFilter filter = TopicFilter.of(List.of("model/v1.0/added"));
        assertThat(passes(filter, "model/v1.0/added")).isTrue();
        assertThat(passes(filter, "model/v1x0/added")).isFalse();
    }

    @Test
    void withoutPatternsNothingPasses() {
        assertThat(passes(TopicFilter.of(List.of()), "model/detector/added")).isFalse();
    }

    @Test
    void namesAPatternThatItCannotFollow() {
        for (String pattern : List.of("", "!", "retail/(x", "/a", "a//b", "a b")) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> TopicFilter.of(List.of(pattern)))
                    .withMessageContainingAll("'" + pattern + "'", "deployment/**");
        }
    }

    private static boolean passes(TopicFilter filter, String topic) {
        return filter.matches(new Event(topic, Instant.EPOCH, Map.of()));
    }
}
