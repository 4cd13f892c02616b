// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.cpu;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions.OptLevel;
import io.edgewright.onnxruntime.session.DefaultFeeds;
import io.edgewright.onnxruntime.session.LimitedRun;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/**
 * The child process: opens a model and runs it once. What matters is whether this process outlives it; an error that the
 * engine reports is no danger, and the parent gets the same one. Knows ONNX Runtime and the JDK only.
 */
final class ProbeMain {

    /** Written to the report once the engine is loaded: what goes wrong from here on is the model's doing. */
    static final String READY = "ready";

    /** Written once the model was tried. */
    static final String SURVIVED = "survived";

    private ProbeMain() {}

    /**
     * @param args the model file, a file to report to, and after how many milliseconds a run is cut off
     */
    public static void main(String[] args) throws Exception {
        Path report = Path.of(args[1]);
        // whoever waits for this process also ends it, unless it was killed itself
        CompletableFuture<ProcessHandle> parent =
                ProcessHandle.current().parent().map(ProcessHandle::onExit).orElseGet(CompletableFuture::new);
        var unused = parent.thenRun(() -> Runtime.getRuntime().halt(1));
        OrtEnvironment environment =
                OrtEnvironment.getEnvironment(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL, "edgewright-probe");
        environment.setTelemetry(false);
        Files.writeString(report, READY);
        try (var options = new OrtSession.SessionOptions()) {
            options.setIntraOpNumThreads(1);
            options.setOptimizationLevel(OptLevel.ALL_OPT);
            options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL);
            try (OrtSession session = environment.createSession(args[0], options)) {
                session.getInputInfo();
                session.getOutputInfo();
                run(environment, session, Duration.ofMillis(Long.parseLong(args[2])));
            }
        } catch (OrtException e) {
            // reported by the engine, so nothing crashed
        }
        Files.writeString(report, SURVIVED);
        Runtime.getRuntime().halt(0); // the engine's shutdown hook is of no interest
    }

    private static void run(OrtEnvironment environment, OrtSession session, Duration limit) throws OrtException {
        try (DefaultFeeds feeds = DefaultFeeds.of(environment, session)) {
            LimitedRun.run(session, feeds, limit);
        }
    }
}
