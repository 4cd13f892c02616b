// SPDX-License-Identifier: Apache-2.0
package io.edgewright.api.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ModelVersionTest {

    @Test
    void ordersAsSemanticVersioningDoes() {
        // the example of Semantic Versioning 2.0.0, section 11, and numbers that text would order wrongly
        List<String> ascending = List.of(
                "0.9",
                "1.0.0-alpha",
                "1.0.0-alpha.1",
                "1.0.0-alpha.beta",
                "1.0.0-beta",
                "1.0.0-beta.2",
                "1.0.0-beta.11",
                "1.0.0-rc.1",
                "1.0.0",
                "1.2",
                "1.10",
                "2",
                "10");

        List<String> sorted = ascending.stream()
                .map(ModelVersion::parse)
                .sorted((a, b) -> -a.compareTo(b))
                .sorted()
                .map(ModelVersion::toString)
                .toList();

        assertThat(sorted).isEqualTo(ascending);
    }

    @Test
    void takesMissingNumbersForZeroAndIgnoresBuildMetadata() {
        assertThat(ModelVersion.parse("3"))
                .isEqualTo(ModelVersion.parse("3.0.0"))
                .hasSameHashCodeAs(ModelVersion.parse("3.0.0"))
                .isEqualTo(ModelVersion.parse("3.0+build.7"))
                .hasToString("3");
        assertThat(ModelVersion.parse("3").isPreRelease()).isFalse();
        assertThat(ModelVersion.parse("3-rc").isPreRelease()).isTrue();
        assertThat(ModelVersion.parse("3.1.4").major()).isEqualTo(3);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "v1", "1.", "1.2.3.4", "latest", "1.0.0-", "-1", "1234567890", "1/2", "../1"})
    void refusesWhatIsNoVersion(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ModelVersion.parse(text))
                .withMessageContaining("'" + text + "'");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "latest | 2.1.0",
                "'' | 2.1.0",
                "1.1 | 1.1.0",
                "[1.0,2.0) | 1.1.0",
                "[1.0,1.1) | 1.0.0",
                "(1.0,1.1] | 1.1.0",
                "[1.0,1.1] | 1.1.0",
                "[2.0,) | 2.1.0",
                "(,1.1) | 1.0.0",
                "3.0.0-rc.1 | 3.0.0-rc.1",
                "[3.0.0-rc.1,4) | none",
                "(2.1,) | none",
            })
    void findsTheNewestVersionOfARule(String rule, String expected) {
        List<ModelVersion> versions = Stream.of("1.0.0", "1.1.0", "2.1.0", "3.0.0-rc.1")
                .map(ModelVersion::parse)
                .toList();

        assertThat(VersionRule.parse(rule)
                        .newest(versions)
                        .map(ModelVersion::toString)
                        .orElse("none"))
                .isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"newest", "[1.0", "[1.0,2.0,3.0]", "[", "1.0]", "[a,b]", "[1.0]"})
    void refusesWhatIsNoRule(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> VersionRule.parse(text));
    }

    @Test
    void keepsTheTextOfARule() {
        assertThat(VersionRule.parse(" [1.0,2.0) ")).hasToString("[1.0,2.0)");
        assertThat(VersionRule.parse("  ")).isSameAs(VersionRule.LATEST).hasToString("latest");
    }

    @Test
    void aFloorHoldsWhateverTheRuleSays() {
        ModelVersion floor = ModelVersion.parse("2.0.0");
        for (String rule : List.of("latest", "1.9.0", "2.0.0-rc.1", "[1.0,3.0)")) {
            VersionRule withFloor = VersionRule.parse(rule).atLeast(floor);
            assertThat(withFloor).hasToString(rule + ", at least 2.0.0");
            assertThat(Stream.of("1.9.0", "2.0.0-rc.1").map(ModelVersion::parse))
                    .noneMatch(withFloor::matches);
            assertThat(withFloor.forbids(ModelVersion.parse("1.9.0"))).isTrue();
            assertThat(withFloor.forbids(floor)).isFalse();
        }
        assertThat(VersionRule.LATEST.atLeast(floor).matches(floor)).isTrue();
        assertThat(VersionRule.LATEST.forbids(ModelVersion.parse("0.1"))).isFalse();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "latest; true",
                "1.9.0; false",
                "2.0.0; true",
                "[1.0,2.0); false",
                "[1.0,2.0]; true",
                "[3.0,); true"
            })
    void tellsWhetherAnythingAtOrAboveAFloorCouldSatisfyIt(String rule, boolean reaches) {
        assertThat(VersionRule.parse(rule).reaches(ModelVersion.parse("2.0.0"))).isEqualTo(reaches);
    }
}
