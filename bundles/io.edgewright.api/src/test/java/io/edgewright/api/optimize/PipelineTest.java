// SPDX-License-Identifier: Apache-2.0
package io.edgewright.api.optimize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PipelineTest {

    @Test
    void isWrittenTheSameHoweverItWasTyped() {
        var pipeline = Pipeline.parse(" graph ; quantize( weights=int8, calibration = entropy ) ;compile()");

        assertThat(pipeline.steps())
                .containsExactly(
                        new PassStep("graph", Map.of()),
                        new PassStep("quantize", Map.of("calibration", "entropy", "weights", "int8")),
                        new PassStep("compile", Map.of()));
        assertThat(pipeline).hasToString("graph;quantize(calibration=entropy,weights=int8);compile");
        assertThat(Pipeline.parse(pipeline.toString())).isEqualTo(pipeline);
    }

    @Test
    void knowsNothingAndAuto() {
        assertThat(Pipeline.parse("none")).isEqualTo(Pipeline.NONE).isEqualTo(Pipeline.parse(" "));
        assertThat(Pipeline.parse("auto")).isEqualTo(Pipeline.AUTO).hasToString("auto");
        assertThat(Pipeline.NONE.isNone()).isTrue();
        assertThat(Pipeline.AUTO.isNone()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"graph;", "Graph", "q(", "q(a)", "q(a=1,a=2)", "q(a=1)x", "q(a=1(2))", "auto;graph()=", "q(A=1)"
            })
    void refusesWhatIsNoPipeline(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Pipeline.parse(text))
                .withMessageContaining("'");
    }

    @Test
    void checksParametersAndSaysWhatIsExpected() {
        var weights = PassParameter.choice("weights", "the weights", "int8", "fp16");
        var keep = PassParameter.real("keep", "the share of channels that stay", 0.5, 0.05, 1);
        var steps = PassParameter.integer("steps", "how many steps", 800, 1, 100_000);

        weights.check("fp16");
        keep.check("1e-1");
        steps.check("1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> weights.check("int7"))
                .withMessage("weights is 'int7', expected one of [int8, fp16]");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> keep.check("1.01"))
                .withMessage("keep is '1.01', expected a number from 0.05 to 1.0");
        assertThatIllegalArgumentException().isThrownBy(() -> keep.check("1.0.1"));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> steps.check("1.5"))
                .withMessageContaining("a whole number from 1 to 100000");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PassParameter.integer("steps", "too few", 0, 1, 2))
                .withMessageContaining("steps is '0'");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PassParameter.text("student", "a model", "").check("a;b"));
    }

    @Test
    void readsAndWritesBudgets() {
        var budget = Budget.parse("latency=2.5, size=4,minutes=3");

        assertThat(budget).isEqualTo(new Budget(Duration.ofNanos(2_500_000), 4 << 20, 0, Duration.ofMinutes(3)));
        assertThat(budget).hasToString("latency=2.5,size=4,minutes=3");
        assertThat(Budget.parse("")).isEqualTo(Budget.DEFAULT).hasToString("minutes=10");
        List.of("latency", "speed=3", "size=-1", "minutes=0", "latency=x")
                .forEach(text -> assertThatIllegalArgumentException()
                        .isThrownBy(() -> Budget.parse(text))
                        .withMessageContaining("expected"));
    }

    @Test
    void readsAndWritesSourcesOfSamples() {
        for (String text : List.of("package", "live:shelf", "/data/samples")) {
            assertThat(CalibrationSource.parse(text)).hasToString(text);
        }
        assertThat(CalibrationSource.parse("").kind()).isEqualTo(CalibrationSource.Kind.PACKAGE);
        assertThatIllegalArgumentException().isThrownBy(() -> CalibrationSource.parse("live:"));
    }
}
