// SPDX-License-Identifier: Apache-2.0
package io.edgewright.optimizer;

import static org.assertj.core.api.Assertions.assertThat;

import io.edgewright.api.model.ModelManifest;
import io.edgewright.api.optimize.CalibrationSource;
import io.edgewright.api.optimize.Optimization;
import io.edgewright.api.optimize.Optimization.State;
import io.edgewright.api.optimize.OptimizationPass.Stage;
import io.edgewright.api.optimize.OptimizationRequest;
import io.edgewright.api.tensor.Tensor;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LiveTest {

    private static final TextModel MODEL = new TextModel(200, 0, 100);

    @TempDir
    Path home;

    private final Random random = new Random(7);

    @Test
    void anAlarmTakesTwoWindowsOfOtherDataAndEndsWithTheOldOnes() {
        var live = new Live("shelf", TextModel.ID, 10, 100, 0.25);
        for (int i = 0; i < 1000; i++) {
            assertThat(live.take(numbers(0), numbers(0))).as("alarm at %d", i).isFalse();
        }
        assertThat(live.drift().psi().values()).allMatch(psi -> psi < 0.25);
        int changes = 0;
        for (int i = 0; i < 300; i++) {
            changes += live.take(numbers(1), numbers(0)) ? 1 : 0;
            assertThat(live.drift().alarm()).as("alarm at %d", i).isEqualTo(i >= 199);
        }
        assertThat(changes).isEqualTo(1);
        assertThat(live.drift().psi().get("input x")).isGreaterThan(0.5);
        assertThat(live.drift().psi().get("output x")).isLessThan(0.25);
        for (int i = 0; i < 100; i++) {
            live.take(numbers(0), numbers(0));
        }
        assertThat(live.drift().alarm()).isFalse();
    }

    @Test
    void theReservoirIsAnEvenChoice() {
        var live = new Live("shelf", TextModel.ID, 100, 1_000_000, 0.25);
        for (int i = 0; i < 1000; i++) {
            live.take(Map.of("x", Tensor.ofFloats(List.of(1L), i)), Map.of());
        }
        double mean = live.reservoir().stream()
                .mapToDouble(s -> s.values().iterator().next().toFloats()[0])
                .average()
                .orElseThrow();
        assertThat(live.reservoir()).hasSize(100);
        assertThat(mean).isBetween(400.0, 600.0);
    }

    @Test
    void calibratesWithCapturedInputsAndAgainAfterDrift() throws Exception {
        var pass = TextPass.faster("quick", Stage.PRECISION, 0.01);
        try (var desk = new Desk(home, MODEL, pass)) {
            var request = new OptimizationRequest(
                    TextModel.ID,
                    "text",
                    desk.request("quick").pipeline(),
                    desk.request("quick").gate(),
                    desk.request("quick").budget(),
                    CalibrationSource.parse("live:shelf"));
            String id = desk.optimizer.request(request).id();
            Optimization waits = desk.await(id, o -> o.message().contains("captured"));
            assertThat(waits.message()).contains("0 of at least 32", "'shelf'", "capture.per.second");

            ModelManifest manifest = MODEL.store(home).models().get(0);
            show(desk, manifest, 0, 400);
            assertThat(desk.await(id, Optimization::ended).state()).isEqualTo(State.DONE);

            show(desk, manifest, 1, 400);
            desk.awaitEvent("drift/shelf/alarm");
            String again = desk.optimizer.request(request).id();
            assertThat(desk.optimizer.find(again).orElseThrow().ended()).isFalse();
            show(desk, manifest, 1, 400);
            assertThat(desk.await(again, Optimization::ended).state()).isEqualTo(State.DONE);
            assertThat(pass.applied).hasValue(2);
            desk.awaitEvent("drift/shelf/over");
        }
    }

    /** Shows inferences one by one, as more than a few at once are dropped. */
    private void show(Desk desk, ModelManifest manifest, float shift, int count) {
        for (int i = 0; i < count; i++) {
            long before = seen(desk);
            desk.optimizer.take("shelf", manifest, numbers(shift), numbers(shift));
            while (seen(desk) == before) {
                Thread.onSpinWait();
            }
        }
    }

    private static long seen(Desk desk) {
        return desk.optimizer.drift().stream().mapToLong(d -> d.samples()).sum();
    }

    private Map<String, Tensor> numbers(float shift) {
        float[] values = new float[4];
        for (int i = 0; i < 4; i++) {
            values[i] = shift + (float) random.nextGaussian();
        }
        return Map.of("x", Tensor.ofFloats(List.of(1L, 4L), values));
    }
}
