// SPDX-License-Identifier: Apache-2.0
package io.edgewright.it;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;
import static org.ops4j.pax.exam.CoreOptions.options;

import io.edgewright.api.accelerator.Accelerator;
import io.edgewright.api.config.Settings;
import io.edgewright.api.inference.DeploymentStatus;
import io.edgewright.api.inference.Deployments;
import io.edgewright.api.inference.Predictor;
import io.edgewright.api.model.ModelFile;
import io.edgewright.api.model.WritableModelStore;
import io.edgewright.api.model.WritableModelStore.AddOptions;
import io.edgewright.api.optimize.Applicability;
import io.edgewright.api.optimize.Optimization;
import io.edgewright.api.optimize.Optimization.State;
import io.edgewright.api.optimize.OptimizationPass;
import io.edgewright.api.optimize.Optimizer;
import io.edgewright.api.optimize.PassContext;
import io.edgewright.api.optimize.PassParameter;
import io.edgewright.api.optimize.PassResult;
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
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
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
import org.osgi.framework.ServiceRegistration;

/** A pass is uninstalled in the middle of its run, or crashes, while callers ask: none is refused. */
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
        String pid = deploy("compile");
        try (Callers callers = new Callers(predictor("compile"), 1)) {
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

    @Test
    public void aPassThatCrashesCostsNoRequest() throws Exception {
        var inside = new CountDownLatch(1);
        var crash = new CountDownLatch(1);
        ServiceRegistration<OptimizationPass> pass =
                context.registerService(OptimizationPass.class, new CrashingPass(inside, crash), null);
        String pid = deploy("crash");
        try (Callers callers = new Callers(predictor("crash"), 1)) {
            assertTrue("it was not run", inside.await(2, TimeUnit.MINUTES));
            long answers = callers.answers();
            Await.until("more answers", callers::answers, a -> a > answers + 100);
            crash.countDown();
            Optimization ended = awaitOptimization(Optimization::ended);
            assertEquals(Optional.empty(), ended.best());
            assertTrue(ended.toString(), ended.variants().toString().contains("pass crash broke"));
            long before = callers.answers();
            Await.until("more answers", callers::answers, a -> a > before + 100);
            assertEquals(List.of(), callers.stop());
        } finally {
            Await.service(context, Settings.class, "").delete(pid);
            pass.unregister();
        }
    }

    /** {@return the pid of a deployment that is named like its passes, once it serves} */
    private String deploy(String passes) throws Exception {
        WritableModelStore store = Await.service(context, WritableModelStore.class, "");
        if (store.models().isEmpty()) {
            store.add(
                    new ByteArrayInputStream(TestModels.add(10, List.of(1L, 4L))),
                    NAME + ".onnx",
                    new AddOptions(Optional.of(NAME), Optional.of("1.0.0"), Map.of(), Optional.empty()));
        }
        String pid = Await.service(context, Settings.class, "")
                .create(
                        Deployments.FACTORY_PID,
                        passes,
                        Map.of(
                                "name",
                                passes,
                                "model",
                                NAME,
                                "passes",
                                passes,
                                "calibration",
                                samples().toString()))
                .pid();
        Deployments deployments = Await.service(context, Deployments.class, "");
        Await.until("it to serve", () -> deployments.find(passes), s -> s.flatMap(DeploymentStatus::primary)
                .isPresent());
        return pid;
    }

    private Predictor predictor(String deployment) throws Exception {
        return Await.service(context, Predictor.class, "(" + Predictor.DEPLOYMENT + "=" + deployment + ")");
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

    /** Throws an error when it is told to. */
    private static final class CrashingPass implements OptimizationPass {

        private final CountDownLatch inside;
        private final CountDownLatch crash;

        CrashingPass(CountDownLatch inside, CountDownLatch crash) {
            this.inside = inside;
            this.crash = crash;
        }

        @Override
        public String name() {
            return "crash";
        }

        @Override
        public String description() {
            return "For tests.";
        }

        @Override
        public Stage stage() {
            return Stage.GRAPH;
        }

        @Override
        public List<PassParameter> parameters() {
            return List.of();
        }

        @Override
        public Applicability check(ModelFile model, Accelerator device) {
            return Applicability.yes("always");
        }

        @Override
        public PassResult apply(ModelFile model, Path target, PassContext pass) {
            inside.countDown();
            try {
                crash.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            throw new LinkageError("made to crash");
        }
    }
}
