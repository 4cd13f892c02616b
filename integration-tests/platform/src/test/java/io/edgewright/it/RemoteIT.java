// SPDX-License-Identifier: Apache-2.0
package io.edgewright.it;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;
import static org.ops4j.pax.exam.CoreOptions.options;

import io.edgewright.api.accelerator.AcceleratorDriver;
import io.edgewright.api.config.Settings;
import io.edgewright.api.inference.DeploymentStatus;
import io.edgewright.api.inference.Deployments;
import io.edgewright.api.inference.Predictor;
import io.edgewright.api.inference.ServedVersion;
import io.edgewright.api.model.WritableModelStore;
import io.edgewright.api.model.WritableModelStore.AddOptions;
import io.edgewright.testkit.TestModels;
import java.io.ByteArrayInputStream;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
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

/** A remote accelerator is configured, its server and its bundle come and go, and no caller is refused. */
@RunWith(PaxExam.class)
@ExamReactorStrategy(PerClass.class)
public class RemoteIT {

    private static final String PID = "io.edgewright.accelerator.remote";
    private static final String DRIVER = "remote.echo";
    private static final String DEVICE = "remote:echo";
    private static final float HERE = 1;
    private static final float THERE = 100;

    @Inject
    private BundleContext context;

    private Deployments deployments;

    @Configuration
    public Option[] gateway() {
        return options(Gateway.core(), Gateway.project(PID));
    }

    @Test
    public void theServerAndTheBundleComeAndGoWithoutARefusal() throws Exception {
        Settings settings = Await.service(context, Settings.class, "");
        deployments = Await.service(context, Deployments.class, "");
        settings.create(
                "io.edgewright.runtime",
                "",
                Map.of("recover.seconds", 0, "backoff.start.seconds", 1, "backoff.max.seconds", 1));
        assertEquals(List.of(true), unconfigured());
        store();
        settings.create(
                Deployments.FACTORY_PID,
                "adder",
                Map.of("name", "adder", "model", "adder", "accelerators", new String[] {DEVICE, "cpu"}));
        awaitOn("cpu");
        try (var server = new EchoServer()) {
            String pid = settings.create(
                            PID,
                            "echo",
                            Map.of(
                                    "name",
                                    "echo",
                                    "url",
                                    server.url(),
                                    "check.millis",
                                    200,
                                    "check.max.millis",
                                    200,
                                    "check.failures",
                                    1))
                    .pid();
            awaitOn(DEVICE);
            assertEquals(List.of(), unconfigured());
            Predictor predictor = Await.service(context, Predictor.class, "(" + Predictor.DEPLOYMENT + "=adder)");
            try (Callers callers = new Callers(predictor, 4)) {
                awaitAnswers(callers);
                for (int round = 0; round < 3; round++) {
                    server.kill();
                    awaitOn("cpu");
                    awaitAnswers(callers);
                    server.start();
                    awaitOn(DEVICE);
                    awaitAnswers(callers);
                }
                Bundle bundle = bundle();
                bundle.stop();
                awaitOn("cpu");
                awaitAnswers(callers);
                bundle.start();
                awaitOn(DEVICE);
                awaitAnswers(callers);
                settings.delete(pid);
                Await.until("the driver to go", this::isThere, there -> !there);
                assertEquals(List.of(true), unconfigured());
                awaitOn("cpu");
                assertEquals(List.of(), callers.stop());
                assertEquals(Set.of(HERE, THERE), callers.constants());
            }
            assertTrue(server.inferences() > 0);
        }
    }

    /** {@return for each message about the driver without a configuration, whether it says which one it wants} */
    private List<Boolean> unconfigured() {
        return deployments.idleDrivers().stream()
                .filter(idle -> idle.driver().equals("remote"))
                .map(idle -> idle.message().contains("settings set " + PID))
                .toList();
    }

    private void store() throws Exception {
        var options = new AddOptions(Optional.of("adder"), Optional.of("1.0.0"), Map.of(), Optional.empty());
        Await.service(context, WritableModelStore.class, "")
                .add(new ByteArrayInputStream(TestModels.add(HERE, List.of(1L, 4L))), "adder.onnx", options);
    }

    private boolean isThere() throws Exception {
        return context.getServiceReferences(AcceleratorDriver.class, null).stream()
                .map(context::getService)
                .anyMatch(driver -> driver != null && driver.name().equals(DRIVER));
    }

    private void awaitOn(String device) throws Exception {
        Await.until("adder to be served on " + device, () -> deployments.find("adder"), s -> s.flatMap(
                        DeploymentStatus::primary)
                .map(ServedVersion::accelerator)
                .equals(Optional.of(device)));
    }

    private static void awaitAnswers(Callers callers) throws Exception {
        long goal = callers.answers() + 200;
        Await.until(
                "answers",
                () -> callers.answers() >= goal || !callers.failures().isEmpty(),
                done -> done);
    }

    private Bundle bundle() {
        return Arrays.stream(context.getBundles())
                .filter(b -> PID.equals(b.getSymbolicName()))
                .findFirst()
                .orElseThrow();
    }
}
