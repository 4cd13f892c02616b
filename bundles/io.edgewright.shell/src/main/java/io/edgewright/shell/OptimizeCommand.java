// SPDX-License-Identifier: Apache-2.0
package io.edgewright.shell;

import io.edgewright.api.model.ModelManifest;
import io.edgewright.api.optimize.Budget;
import io.edgewright.api.optimize.CalibrationSource;
import io.edgewright.api.optimize.Gate;
import io.edgewright.api.optimize.Measurement;
import io.edgewright.api.optimize.Optimization;
import io.edgewright.api.optimize.OptimizationException;
import io.edgewright.api.optimize.OptimizationRequest;
import io.edgewright.api.optimize.Optimizer;
import io.edgewright.api.optimize.Pipeline;
import io.edgewright.api.optimize.Variant;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** {@code optimize MODEL}: makes a model file smaller and faster for a device of this machine. */
@Component(name = "io.edgewright.shell.optimize", service = BiFunction.class, property = "edgewright.command=optimize")
public final class OptimizeCommand implements BiFunction<Map<String, List<String>>, PrintStream, Integer> {

    private static final long LOOK_MILLIS = 100;
    private static final long LINE_NANOS = 1_000_000_000; // between two lines of progress
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final Gateway gateway;
    private final Optimizer optimizer;

    /**
     * Called by Declarative Services.
     *
     * @param gateway takes the model
     * @param optimizer does the work
     */
    @Activate
    public OptimizeCommand(@Reference Gateway gateway, @Reference Optimizer optimizer) {
        this.gateway = gateway;
        this.optimizer = optimizer;
    }

    @Override
    public Integer apply(Map<String, List<String>> words, PrintStream out) {
        var request = new Request(words);
        var pipeline = Pipeline.parse(request.option("passes").orElse("auto"));
        var gate = new Gate(
                request.real("least-agreement", 100 * Gate.DEFAULT.leastAgreement(), 0, 100) / 100,
                Gate.DEFAULT.leastCosine(),
                Gate.DEFAULT.mostError(),
                request.real("most-loss", 100 * Gate.DEFAULT.mostAccuracyLoss(), 0, 100) / 100);
        var budget = Budget.parse(request.option("budget").orElse(""));
        CalibrationSource calibration = calibration(request);
        DeviceSetup.apply(request, gateway);
        ModelManifest model =
                gateway.addModel(Path.of(request.arguments().get(0)), Optional.empty(), Optional.empty(), facts(words));
        try {
            Optimization done = await(
                    optimizer.request(new OptimizationRequest(
                            model.id(),
                            request.option("accelerator").orElse("cpu"),
                            pipeline,
                            gate,
                            budget,
                            calibration)),
                    request.flag("json") ? Optional.empty() : Optional.of(out));
            if (request.file("out").isPresent()) {
                optimizer.export(done.id(), request.file("out").get());
            }
            if (request.flag("json")) {
                out.print(optimizer.report(done.id(), Optimizer.ReportFormat.JSON));
            } else {
                print(done, request, out);
            }
            return done.state() == Optimization.State.DONE ? 0 : 1;
        } catch (OptimizationException e) {
            throw new IllegalStateException(e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return 130;
        }
    }

    private static CalibrationSource calibration(Request request) {
        Optional<Path> folder = request.file("calibration").map(Path::toAbsolutePath);
        Optional<Path> labels = request.file("labels").map(Path::toAbsolutePath);
        if (folder.isEmpty() && labels.isPresent()) {
            throw new IllegalArgumentException("--labels needs --calibration, the folder of the samples");
        }
        return folder.map(f -> new CalibrationSource(
                        CalibrationSource.Kind.FOLDER,
                        f.toString(),
                        labels.map(Path::toString).orElse("")))
                .orElse(CalibrationSource.OF_PACKAGE);
    }

    /** What the labels mean is another thing here than for {@code infer}. */
    private static Map<String, String> facts(Map<String, List<String>> words) {
        Map<String, List<String>> others = new HashMap<>(words);
        others.remove("labels");
        return ModelFacts.of(new Request(others));
    }

    /** Waits until it has ended, and a little for what is not there: drivers may still be starting. */
    private Optimization await(Optimization begun, Optional<PrintStream> progress) throws InterruptedException {
        String said = "";
        long next = System.nanoTime();
        while (true) {
            Optimization now = optimizer.find(begun.id()).orElse(begun);
            String line = String.format(Locale.ROOT, "[%3.0f %%] %s", 100 * now.fraction(), now.message());
            if (now.ended()) {
                return now;
            }
            if (!line.equals(said) && System.nanoTime() - next >= 0) {
                progress.ifPresent(out -> out.println(line));
                said = line;
                next = System.nanoTime() + LINE_NANOS;
            }
            boolean waits = now.state() == Optimization.State.WAITING
                    && Duration.between(now.since(), Instant.now()).compareTo(PATIENCE) > 0;
            if (waits) {
                throw new IllegalStateException(now.message());
            }
            Thread.sleep(LOOK_MILLIS);
        }
    }

    private static void print(Optimization done, Request request, PrintStream out) {
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of(
                "variant",
                "accuracy",
                "agreement",
                "p50 ms",
                "p95 ms",
                "speed-up",
                "size KiB",
                "memory KiB",
                "verdict"));
        if (done.original().latency().runs() > 0) {
            rows.add(row("as it is", done.original(), ""));
        }
        for (Variant v : done.variants()) {
            boolean best = done.best().filter(v::equals).isPresent();
            rows.add(row(v.pipeline().toString(), v.measurement(), best ? "CHOSEN" : v.verdict() + ": " + v.reason()));
        }
        out.println();
        Columns.print(rows, out);
        out.println();
        out.println(done.state() + ": " + done.message());
        request.file("out")
                .ifPresent(folder -> out.println("wrote " + folder.resolve("report.html")
                        + (done.best().isPresent() ? " and " + folder.resolve("model.onnx") : "")));
    }

    private static List<String> row(String name, Measurement m, String verdict) {
        boolean timed = m.latency().runs() > 0;
        return List.of(
                name,
                number("%.2f %%", 100 * m.accuracy()),
                number("%.2f %%", 100 * m.agreement().score()),
                number("%.3f", timed ? m.latency().p50().toNanos() / 1e6 : Double.NaN),
                number("%.3f", timed ? m.latency().p95().toNanos() / 1e6 : Double.NaN),
                number("%.2f", m.speedup()),
                number("%.0f", timed ? m.sizeBytes() / 1024.0 : Double.NaN),
                number("%.0f", m.memoryBytes() == 0 ? Double.NaN : m.memoryBytes() / 1024.0),
                verdict);
    }

    private static String number(String format, double value) {
        return Double.isNaN(value) ? "-" : String.format(Locale.ROOT, format, value);
    }
}
