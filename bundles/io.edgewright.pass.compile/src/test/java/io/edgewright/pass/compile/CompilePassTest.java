// SPDX-License-Identifier: Apache-2.0
package io.edgewright.pass.compile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.edgewright.api.accelerator.Accelerator;
import io.edgewright.api.accelerator.AcceleratorKind;
import io.edgewright.api.model.ModelFile;
import io.edgewright.api.optimize.Agreement;
import io.edgewright.api.optimize.Evaluator;
import io.edgewright.api.optimize.Latency;
import io.edgewright.api.optimize.OptimizationException;
import io.edgewright.api.optimize.PassContext;
import io.edgewright.api.optimize.PassResult;
import io.edgewright.api.tensor.Tensor;
import io.edgewright.testkit.FileModel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CompilePassTest {

    private final CompilePass pass = new CompilePass();

    @TempDir
    Path folder;

    @Test
    void choosesTheSettingThatIsFastest() throws Exception {
        PassResult result = apply(
                "cpu", "throughput", s -> s.getOrDefault("cpu.arena", "true").equals("true") ? 100 : 80);

        assertThat(result.changed()).isFalse();
        assertThat(result.load()).containsExactlyEntriesOf(Map.of("cpu.arena", "false"));
        assertThat(result.summary()).contains("1.25 times");
        assertThat(result.figures()).containsEntry("p50_micros driver", 100.0);
    }

    @Test
    void leavesTheDriverItsChoiceWhereNothingIsClearlyFaster() throws Exception {
        assertThat(apply("cpu", "throughput", s -> s.isEmpty() ? 100 : 98).load())
                .isEmpty();
    }

    @Test
    void triesThreadsForLatencyOnly() throws Exception {
        assertThat(CompilePass.settings(false, 8)).hasSize(3).noneMatch(s -> s.containsKey("threads"));
        assertThat(CompilePass.settings(true, 8)).hasSize(9).contains(Map.of("cpu.arena", "true", "threads", "8"));
        assertThat(apply("cpu", "latency", s -> s.getOrDefault("threads", "0").equals("1") ? 10 : 100)
                        .load())
                .containsEntry("threads", "1");
    }

    @Test
    void refusesDevicesThatItDoesNotKnow() {
        assertThatExceptionOfType(OptimizationException.class)
                .isThrownBy(() -> apply("sim", "throughput", s -> 1))
                .withMessage("driver sim has no setting that could be probed");
    }

    private PassResult apply(String driver, String goal, ToLongFunction<Map<String, String>> micros) throws Exception {
        var device = new Accelerator(driver, driver, AcceleratorKind.CPU, "", "", 0, Set.of("onnx"), true, Map.of());
        FileModel model = FileModel.write(folder, "m.onnx", "onnx", new byte[] {1});
        return pass.apply(model, folder.resolve("target.onnx"), new Context(device, goal, micros));
    }

    /** A context whose device takes as long as a test says. */
    private record Context(Accelerator device, String goal, ToLongFunction<Map<String, String>> micros)
            implements PassContext, Evaluator {

        @Override
        public List<Latency> latencies(List<Candidate> candidates) {
            return candidates.stream()
                    .map(c -> Duration.ofNanos(1000 * micros.applyAsLong(c.load())))
                    .map(d -> new Latency(d, d, 9))
                    .toList();
        }

        @Override
        public Map<String, String> parameters() {
            return Map.of("goal", goal);
        }

        @Override
        public Evaluator evaluator() {
            return this;
        }

        @Override
        public void progress(double fraction, String message) {
            assertThat(fraction).isBetween(0.0, 1.0);
        }

        @Override
        public boolean cancelled() {
            return false;
        }

        @Override
        public ModelFile original() {
            throw new UnsupportedOperationException();
        }

        @Override
        public int calibrationSize() {
            return 0;
        }

        @Override
        public Stream<Map<String, Tensor>> calibration() {
            return Stream.empty();
        }

        @Override
        public Path workFolder() {
            throw new UnsupportedOperationException();
        }

        @Override
        public Loaded load(Candidate candidate) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Agreement agreement(Candidate candidate, int mostSamples) {
            throw new UnsupportedOperationException();
        }
    }
}
