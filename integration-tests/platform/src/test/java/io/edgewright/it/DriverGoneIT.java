// SPDX-License-Identifier: Apache-2.0
package io.edgewright.it;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertNull;
import static org.ops4j.pax.exam.CoreOptions.options;

import io.edgewright.api.accelerator.AcceleratorDriver;
import io.edgewright.api.config.Settings;
import io.edgewright.api.inference.DeploymentStatus;
import io.edgewright.api.inference.DeploymentStatus.State;
import io.edgewright.api.inference.Deployments;
import io.edgewright.api.inference.Predictor;
import io.edgewright.api.model.WritableModelStore;
import io.edgewright.api.model.WritableModelStore.AddOptions;
import io.edgewright.testkit.TestModels;
import java.io.ByteArrayInputStream;
import java.lang.ref.WeakReference;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import javax.inject.Inject;
import org.junit.After;
import org.junit.Before;
import org.junit.Test;
import org.junit.runner.RunWith;
import org.ops4j.pax.exam.Configuration;
import org.ops4j.pax.exam.Option;
import org.ops4j.pax.exam.junit.PaxExam;
import org.ops4j.pax.exam.spi.reactors.ExamReactorStrategy;
import org.ops4j.pax.exam.spi.reactors.PerClass;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.wiring.BundleWiring;
import org.osgi.framework.wiring.FrameworkWiring;

/** What the processor's driver has loaded answers on while its bundle is replaced, and leaves nothing behind. */
@RunWith(PaxExam.class)
@ExamReactorStrategy(PerClass.class)
public class DriverGoneIT {

    private static final String NAME = "orphan";
    private static final String RUNTIME = "io.edgewright.runtime";

    @Inject
    private BundleContext context;

    private Settings settings;
    private Deployments deployments;
    private Bundle driver;
    private String pid;

    @Configuration
    public Option[] gateway() {
        return options(Gateway.core());
    }

    @Before
    public void deploy() throws Exception {
        settings = Await.service(context, Settings.class, "");
        deployments = Await.service(context, Deployments.class, "");
        driver = Arrays.stream(context.getBundles())
                .filter(b -> "io.edgewright.accelerator.cpu".equals(b.getSymbolicName()))
                .findFirst()
                .orElseThrow();
        var options = new AddOptions(Optional.of(NAME), Optional.of("1.0.0"), Map.of(), Optional.empty());
        Await.service(context, WritableModelStore.class, "")
                .add(new ByteArrayInputStream(TestModels.add(10, List.of(1L, 4L))), NAME + ".onnx", options);
        pid = settings.create(Deployments.FACTORY_PID, NAME, Map.of("name", NAME, "model", NAME))
                .pid();
        awaitState(State.SERVING);
    }

    @After
    public void undeploy() throws Exception {
        settings.delete(pid);
        Await.until("the deployment to go", () -> deployments.find(NAME), Optional::isEmpty);
        WritableModelStore store = Await.service(context, WritableModelStore.class, "");
        for (var manifest : store.models()) {
            store.remove(manifest.id());
        }
    }

    @Test
    public void callersAreAnsweredWhileThereIsNoDriver() throws Exception {
        try (Callers callers = new Callers(predictor(), 8)) {
            for (int i = 0; i < 5; i++) {
                driver.stop();
                assertNull(context.getServiceReference(AcceleratorDriver.class));
                awaitAnswers(callers, callers.answers() + 200);
                driver.start();
                awaitState(State.SERVING);
            }
            assertEquals(List.of(), callers.stop());
        }
    }

    @Test
    public void anUpdateLetsNoCallerWaitAndFreesTheOldClasses() throws Exception {
        var before = new WeakReference<>(driver.adapt(BundleWiring.class).getClassLoader());
        try (Callers callers = new Callers(predictor(), 8)) {
            driver.stop();
            driver.update();
            refresh();
            awaitAnswers(callers, callers.answers() + 200);
            driver.start();
            awaitState(State.SERVING);
            awaitAnswers(callers, callers.answers() + 200);
            assertEquals(List.of(), callers.stop());
        }
        awaitGone(before);
    }

    @Test
    public void theDeviceIsReleasedWhenNoDriverComes() throws Exception {
        var before = new WeakReference<>(driver.adapt(BundleWiring.class).getClassLoader());
        settings.create(RUNTIME, "", Map.of("wait.seconds", 1));
        try {
            driver.stop();
            awaitState(State.FAILED);
            driver.update();
            refresh();
            awaitGone(before);
        } finally {
            driver.start();
            settings.delete(RUNTIME);
        }
        awaitState(State.SERVING);
    }

    private void refresh() throws InterruptedException {
        var refreshed = new CountDownLatch(1);
        context.getBundle(0)
                .adapt(FrameworkWiring.class)
                .refreshBundles(List.of(driver), event -> refreshed.countDown());
        if (!refreshed.await(60, TimeUnit.SECONDS)) {
            throw new AssertionError("the driver's bundle was not refreshed within 60 s");
        }
    }

    private static void awaitGone(WeakReference<ClassLoader> loader) throws Exception {
        Await.until(
                "the old driver's class loader to be collected",
                () -> {
                    System.gc();
                    return loader.refersTo(null); // not the loader: whoever waits would hold it
                },
                gone -> gone);
    }

    private Predictor predictor() throws Exception {
        return Await.service(context, Predictor.class, "(" + Predictor.DEPLOYMENT + "=" + NAME + ")");
    }

    private void awaitState(State state) throws Exception {
        Await.until(
                NAME + " to be " + state,
                () -> deployments.find(NAME).map(DeploymentStatus::state).orElse(State.STARTING),
                state::equals);
    }

    private static void awaitAnswers(Callers callers, long count) throws Exception {
        Await.until(
                count + " answers",
                () -> callers.failures().isEmpty() ? callers.answers() : Long.MAX_VALUE,
                answers -> answers >= count);
    }
}
