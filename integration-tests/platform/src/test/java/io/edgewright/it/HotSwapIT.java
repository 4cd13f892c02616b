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
import io.edgewright.api.model.ModelId;
import io.edgewright.api.model.WritableModelStore;
import io.edgewright.api.model.WritableModelStore.AddOptions;
import io.edgewright.testkit.TestModels;
import java.io.ByteArrayInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
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

/** Models, drivers and stores come and go while eight callers ask: none is refused. */
@RunWith(PaxExam.class)
@ExamReactorStrategy(PerClass.class)
public class HotSwapIT {

    private static final String NAME = "adder";

    @Inject
    private BundleContext context;

    private Settings settings;
    private Deployments deployments;
    private String pid;

    @Configuration
    public Option[] gateway() {
        return options(Gateway.core());
    }

    @Before
    public void deploy() throws Exception {
        settings = Await.service(context, Settings.class, "");
        deployments = Await.service(context, Deployments.class, "");
        add("1.0.0", 10);
        pid = settings.create(Deployments.FACTORY_PID, NAME, Map.of("name", NAME, "model", NAME))
                .pid();
        awaitServed("1.0.0");
    }

    @After
    public void undeploy() throws Exception {
        settings.delete(pid);
        Await.until("the deployment to go", () -> deployments.find(NAME), Optional::isEmpty);
        for (var manifest : store().models()) {
            store().remove(manifest.id());
        }
    }

    @Test
    public void aNewVersionTakesOverWithoutARefusal() throws Exception {
        try (Callers callers = new Callers(predictor(), 8)) {
            awaitAnswers(callers, 200);
            add("1.1.0", 20);
            awaitServed("1.1.0");
            awaitAnswers(callers, callers.answers() + 200);
            assertEquals(List.of(), callers.stop());
            assertEquals(Set.of(10f, 20f), callers.constants());
        }
    }

    @Test
    public void theDriverBundleIsReplacedWithoutARefusal() throws Exception {
        Bundle driver = bundle("io.edgewright.accelerator.cpu");
        try (Callers callers = new Callers(predictor(), 8)) {
            for (int i = 0; i < 10; i++) {
                awaitAnswers(callers, callers.answers() + 100);
                driver.stop();
                driver.start();
                awaitServed("1.0.0");
            }
            awaitAnswers(callers, callers.answers() + 200);
            assertEquals(List.of(), callers.stop());
        }
    }

    @Test
    public void theDriverBundleIsUpdatedWithoutARefusal() throws Exception {
        Bundle driver = bundle("io.edgewright.accelerator.cpu");
        try (Callers callers = new Callers(predictor(), 8)) {
            awaitAnswers(callers, 200);
            driver.update();
            Await.service(context, AcceleratorDriver.class, "");
            awaitServed("1.0.0");
            awaitAnswers(callers, callers.answers() + 200);
            assertEquals(List.of(), callers.stop());
        }
    }

    @Test
    public void theStoreMayGoWhileItsModelServes() throws Exception {
        Bundle storeBundle = bundle("io.edgewright.store.local");
        try (Callers callers = new Callers(predictor(), 8)) {
            awaitAnswers(callers, 200);
            storeBundle.stop();
            awaitAnswers(callers, callers.answers() + 200);
            storeBundle.start();
            add("2.0.0", 30);
            awaitServed("2.0.0");
            assertEquals(List.of(), callers.stop());
        }
    }

    @Test
    public void aModelLaidIntoAFolderIsServed() throws Exception {
        Path folder = Files.createTempDirectory("models");
        Path version = Files.createDirectories(folder.resolve("laid/1"));
        Files.write(version.resolve("model.onnx"), TestModels.add(5, List.of(1L, 4L)));
        String storePid = settings.create(
                        "io.edgewright.store.directory",
                        "folder",
                        Map.of("name", "folder", "path", folder.toString(), "poll.seconds", 1))
                .pid();
        String laidPid = settings.create(Deployments.FACTORY_PID, "laid", Map.of("name", "laid", "model", "laid"))
                .pid();
        try {
            Predictor laid = Await.service(context, Predictor.class, "(" + Predictor.DEPLOYMENT + "=laid)");
            Await.until("laid to serve", () -> state("laid"), DeploymentStatus.State.SERVING::equals);
            try (Callers callers = new Callers(laid, 1)) {
                awaitAnswers(callers, 10);
                assertEquals(List.of(), callers.stop());
                assertEquals(Set.of(5f), callers.constants());
            }
        } finally {
            settings.delete(laidPid);
            settings.delete(storePid);
        }
        Await.until("laid to go", () -> deployments.find("laid"), Optional::isEmpty);
    }

    @Test
    public void aDeploymentWithoutItsModelSaysWhatToDo() throws Exception {
        String lost = settings.create(Deployments.FACTORY_PID, "lost", Map.of("name", "lost", "model", "nosuch"))
                .pid();
        try {
            String message = Await.until(
                            "lost to fail",
                            () -> deployments.find("lost"),
                            s -> s.isPresent() && s.get().state() == DeploymentStatus.State.FAILED)
                    .orElseThrow()
                    .message();
            assertTrue(message, message.contains("nosuch"));
        } finally {
            settings.delete(lost);
        }
    }

    private void add(String version, float constant) throws Exception {
        byte[] model = TestModels.add(constant, List.of(1L, 4L));
        var options = new AddOptions(Optional.of(NAME), Optional.of(version), Map.of(), Optional.empty());
        store().add(new ByteArrayInputStream(model), NAME + ".onnx", options);
        assertTrue(store().models().stream().anyMatch(m -> m.id().equals(ModelId.of(NAME, version))));
    }

    private WritableModelStore store() throws Exception {
        return Await.service(context, WritableModelStore.class, "");
    }

    private Predictor predictor() throws Exception {
        return Await.service(context, Predictor.class, "(" + Predictor.DEPLOYMENT + "=" + NAME + ")");
    }

    private DeploymentStatus.State state(String name) {
        return deployments.find(name).map(DeploymentStatus::state).orElse(DeploymentStatus.State.STARTING);
    }

    private void awaitServed(String version) throws Exception {
        Await.until(
                NAME + " " + version + " to serve",
                () -> deployments.find(NAME),
                s -> s.flatMap(DeploymentStatus::primary)
                                .map(ServedVersion::manifest)
                                .filter(m -> m.id().version().toString().equals(version))
                                .isPresent()
                        && s.get().state() == DeploymentStatus.State.SERVING);
    }

    private static void awaitAnswers(Callers callers, long count) throws Exception {
        Await.until(
                count + " answers",
                () -> callers.failures().isEmpty() ? callers.answers() : Long.MAX_VALUE,
                answers -> answers >= count);
    }

    private Bundle bundle(String name) {
        return Arrays.stream(context.getBundles())
                .filter(b -> name.equals(b.getSymbolicName()))
                .findFirst()
                .orElseThrow();
    }
}
