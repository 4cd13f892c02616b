// SPDX-License-Identifier: Apache-2.0
package io.edgewright.benchmarks;

import io.edgewright.onnxruntime.OrtRuntime;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** One call of Edgewright's predictor and one of ONNX Runtime below it; with {@code -prof gc} also what they allocate. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@SuppressWarnings("NullAway.Init") // JMH calls start() before anything else
public class PredictBenchmark {

    /** The model. */
    @Param({"MICRO", "SIGNAL", "VISION"})
    public String workload = "SIGNAL";

    private Platform platform;
    private Contender.Client edgewright;
    private Contender.Client pinned;

    /** Starts a gateway and deploys the model. */
    @Setup
    public void start() throws Exception {
        Path target = Path.of(System.getProperty("edgewright.benchmarks.target", "target"));
        Workload chosen = Workload.valueOf(workload);
        Path file = chosen.file(target.resolve("models"));
        platform = Platform.start(target, true, false, Map.of());
        float[] answer = new float[chosen.outputElements()];
        edgewright = new EdgewrightContender(platform, chosen, file).client(chosen.request(), answer);
        pinned = new OrtContender(OrtRuntime.environment(), chosen, file, true).client(chosen.request(), answer);
    }

    /** Stops the gateway. */
    @TearDown
    public void stop() throws Exception {
        platform.stop();
    }

    /** Through the gateway. */
    @Benchmark
    public void edgewright() throws Exception {
        edgewright.call();
    }

    /** Straight to ONNX Runtime, with tensors made once. */
    @Benchmark
    public void pinned() throws Exception {
        pinned.call();
    }
}
