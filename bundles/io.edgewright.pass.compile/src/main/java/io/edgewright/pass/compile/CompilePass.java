// SPDX-License-Identifier: Apache-2.0
package io.edgewright.pass.compile;

import io.edgewright.api.accelerator.Accelerator;
import io.edgewright.api.model.ModelFile;
import io.edgewright.api.optimize.Applicability;
import io.edgewright.api.optimize.Evaluator.Candidate;
import io.edgewright.api.optimize.Latency;
import io.edgewright.api.optimize.OptimizationException;
import io.edgewright.api.optimize.OptimizationException.Reason;
import io.edgewright.api.optimize.OptimizationPass;
import io.edgewright.api.optimize.PassContext;
import io.edgewright.api.optimize.PassParameter;
import io.edgewright.api.optimize.PassResult;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.osgi.service.component.annotations.Component;

/**
 * Has the driver make its own optimized form of the model and finds by measuring how the engine runs it fastest: with or
 * without a memory arena, with how many threads. The file stays as it is: the optimized form is the driver's, in its own cache
 * on this machine.
 */
@Component(name = CompilePass.NAME, service = OptimizationPass.class, property = "kura.ui.service.hide:Boolean=true")
public final class CompilePass implements OptimizationPass {

    static final String NAME = "io.edgewright.pass.compile";

    /** The driver whose settings are known here, and its setting for the arena. */
    private static final String CPU = "cpu";

    private static final String ARENA = "cpu.arena";
    private static final String GOAL = "goal";
    private static final String LATENCY = "latency";

    /** What is not that much faster than the driver's own choice is not worth a setting: it may be chance. */
    private static final double FASTER = 1.03;

    @Override
    public String name() {
        return "compile";
    }

    @Override
    public String description() {
        return "Makes the engine's own optimized form and chooses arena and threads by measuring; last in a pipeline.";
    }

    @Override
    public Stage stage() {
        return Stage.ENGINE;
    }

    @Override
    public List<PassParameter> parameters() {
        return List.of(PassParameter.choice(
                GOAL,
                "throughput leaves the threads to the driver; latency tries to use several for one run",
                "throughput",
                LATENCY));
    }

    @Override
    public Applicability check(ModelFile model, Accelerator device) {
        return device.driver().equals(CPU)
                ? Applicability.yes("the arena can be probed")
                : Applicability.no("driver " + device.driver() + " has no setting that could be probed");
    }

    @Override
    public PassResult apply(ModelFile model, Path target, PassContext context) throws OptimizationException {
        Applicability applicability = check(model, context.device());
        if (!applicability.applicable()) {
            throw new OptimizationException(Reason.UNSUPPORTED, applicability.reason());
        }
        List<Map<String, String>> settings = settings(
                LATENCY.equals(context.parameters().get(GOAL)),
                Runtime.getRuntime().availableProcessors());
        context.progress(0, "measures " + settings.size() + " settings");
        List<Latency> latencies = context.evaluator()
                .latencies(settings.stream()
                        .map(s -> new Candidate(model.path(), s))
                        .toList());
        int best = 0;
        for (int i = 1; i < latencies.size(); i++) {
            boolean faster = nanos(latencies, 0) >= FASTER * nanos(latencies, i);
            best = faster && nanos(latencies, i) < nanos(latencies, best) ? i : best;
        }
        return new PassResult(
                false,
                best == 0
                        ? "the driver's own settings are the fastest"
                        : String.format(
                                Locale.ROOT,
                                "%s is %.2f times as fast as the driver's own settings",
                                new TreeMap<>(settings.get(best)),
                                (double) nanos(latencies, 0) / nanos(latencies, best)),
                figures(settings, latencies),
                List.of(),
                settings.get(best));
    }

    /** {@return what to try, the driver's own choice first} */
    static List<Map<String, String>> settings(boolean latency, int cores) {
        List<Map<String, String>> all = new ArrayList<>(List.of(Map.of()));
        for (int threads = 1; threads == 1 || (latency && threads <= cores); threads *= 2) {
            for (String arena : List.of("true", "false")) {
                Map<String, String> one = new HashMap<>(Map.of(ARENA, arena));
                if (latency) {
                    one.put(Candidate.THREADS, Integer.toString(threads));
                }
                all.add(one);
            }
        }
        return all;
    }

    private static long nanos(List<Latency> latencies, int index) {
        return latencies.get(index).p50().toNanos();
    }

    private static Map<String, Double> figures(List<Map<String, String>> settings, List<Latency> latencies) {
        Map<String, Double> figures = new HashMap<>();
        for (int i = 0; i < settings.size(); i++) {
            String name = settings.get(i).isEmpty() ? "driver" : new TreeMap<>(settings.get(i)).toString();
            figures.put("p50_micros " + name, nanos(latencies, i) / 1e3);
        }
        return figures;
    }
}
