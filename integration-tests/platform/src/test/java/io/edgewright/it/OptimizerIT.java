// SPDX-License-Identifier: Apache-2.0
package io.edgewright.it;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;
import static org.ops4j.pax.exam.CoreOptions.options;

import io.edgewright.api.config.Settings;
import io.edgewright.api.inference.DeploymentStatus;
import io.edgewright.api.inference.Deployments;
import io.edgewright.api.inference.Predictor;
import io.edgewright.api.model.WritableModelStore;
import io.edgewright.api.model.WritableModelStore.AddOptions;
import io.edgewright.api.optimize.Optimization;
import io.edgewright.api.optimize.Optimization.State;
import io.edgewright.api.optimize.Optimizer;
import io.edgewright.api.tensor.Npy;
import io.edgewright.api.tensor.Tensor;
import io.edgewright.testkit.TestModels;
import java.io.ByteArrayInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import javax.inject.Inject;
import org.junit.Test;
import org.junit.runner.RunWith;
import org.ops4j.pax.exam.Configuration;
import org.ops4j.pax.exam.Option;
import org.ops4j.pax.exam.junit.PaxExam;
import org.ops4j.pax.exam.spi.reactors.ExamReactorStrategy;
import org.ops4j.pax.exam.spi.reactors.PerClass;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;

/** A pass is uninstalled in the middle of its run while callers ask: none is refused, and the work goes on when it is back. */
@RunWith(PaxExam.class)
@ExamReactorStrategy(PerClass.class)
public class OptimizerIT {

    private static final String NAME = "improved";
    private static final String PASS = "io.edgewright.pass.compile";

    @Inject
    private BundleContext context;

    @Configuration
    public Option[] gateway() {
        return options(
                Gateway.core(),
                Gateway.project("io.edgewright.vision"),
                Gateway.project(PASS),
                Gateway.project("io.edgewright.optimizer"));
    }

    @Test
    public void aPassMayGoInTheMiddleOfItsRunAndComeBack() throws Exception {
        Settings settings = Await.service(context, Settings.class, "");
        String timing = settings.create("io.edgewright.optimizer", "", Map.of("timing.millis", 6_000))
                .pid();
        Await.service(context, WritableModelStore.class, "")
                .add(
                        new ByteArrayInputStream(TestModels.add(10, List.of(1L, 4L))),
                        NAME + ".onnx",
                        new AddOptions(Optional.of(NAME), Optional.of("1.0.0"), Map.of(), Optional.empty()));
        String pid = settings.create(
                        Deployments.FACTORY_PID,
                        NAME,
                        Map.of(
                                "name",
                                NAME,
                                "model",
                                NAME,
                                "passes",
                                "compile",
                                "calibration",
                                samples().toString()))
                .pid();
        Predictor predictor = Await.service(context, Predictor.class, "(" + Predictor.DEPLOYMENT + "=" + NAME + ")");
        Deployments deployments = Await.service(context, Deployments.class, "");
        Await.until("it to serve", () -> deployments.find(NAME), s -> s.flatMap(DeploymentStatus::primary)
                .isPresent());
        try (Callers callers = new Callers(predictor, 1)) {
            awaitOptimization(o -> o.message().startsWith("compile: measures"));
            Bundle pass = bundle(PASS);
            String location = pass.getLocation();
            pass.uninstall();
            Optimization waits = awaitOptimization(o -> o.state() == State.WAITING);
            assertTrue(waits.message(), waits.message().contains("pass 'compile'"));
            long answers = callers.answers();
            Await.until("more answers", callers::answers, a -> a > answers + 100);

            settings.update(timing, Map.of("timing.millis", 100));
            context.installBundle(location).start();
            Optimization done = awaitOptimization(Optimization::ended);
            assertEquals(done.message(), State.DONE, done.state());
            assertEquals(List.of(), callers.stop());
        } finally {
            settings.delete(pid);
        }
    }

    private static Path samples() throws Exception {
        Path folder = Files.createTempDirectory("samples");
        Npy.write(folder.resolve("all.npy"), Tensor.ofFloats(List.of(2L, 4L), 1, 2, 3, 4, 5, 6, 7, 8));
        return folder;
    }

    private Optimization awaitOptimization(Predicate<Optimization> accepted) throws Exception {
        return Await.until(
                        "the optimization",
                        () -> Await.service(context, Optimizer.class, "").list().stream()
                                .filter(o -> o.request().model().name().equals(NAME))
                                .findFirst(),
                        o -> o.filter(accepted).isPresent())
                .orElseThrow();
    }

    private Bundle bundle(String name) {
        return Arrays.stream(context.getBundles())
                .filter(b -> name.equals(b.getSymbolicName()))
                .findFirst()
                .orElseThrow();
    }
}
