// SPDX-License-Identifier: Apache-2.0
package io.edgewright.it;

import static org.junit.Assert.assertEquals;
import static org.ops4j.pax.exam.CoreOptions.options;

import io.edgewright.api.config.Settings;
import io.edgewright.api.inference.DeploymentStatus;
import io.edgewright.api.inference.Deployments;
import io.edgewright.api.inference.Predictor;
import io.edgewright.api.model.ModelManifest;
import io.edgewright.api.model.WritableModelStore;
import io.edgewright.api.model.WritableModelStore.AddOptions;
import io.edgewright.testkit.TestModels;
import io.edgewright.testkit.TfliteModels;
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

/**
 * One package with a model in two formats moves between a driver for TensorFlow Lite and one for ONNX while four callers ask.
 * The two forms add different constants here, so that each answer tells which one gave it.
 */
@RunWith(PaxExam.class)
@ExamReactorStrategy(PerClass.class)
public class FormsIT {

    private static final String NAME = "forms";
    private static final List<Long> SHAPE = List.of(1L, 4L);

    @Inject
    private BundleContext context;

    private Settings settings;
    private Deployments deployments;
    private String pid;

    @Configuration
    public Option[] gateway() {
        return options(Gateway.core(), Gateway.project("io.edgewright.accelerator.litert"));
    }

    @Before
    public void deploy() throws Exception {
        settings = Await.service(context, Settings.class, "");
        deployments = Await.service(context, Deployments.class, "");
        WritableModelStore store = Await.service(context, WritableModelStore.class, "");
        Path folder = Files.createTempDirectory(NAME);
        Files.write(folder.resolve("model.onnx"), TestModels.add(10, SHAPE));
        Files.write(folder.resolve("model.tflite"), TfliteModels.add(20, SHAPE));
        ModelManifest model =
                store.add(folder, new AddOptions(Optional.of(NAME), Optional.empty(), Map.of(), Optional.empty()));
        assertEquals(List.of("onnx", "tflite"), model.formats());
        pid = settings.create(
                        Deployments.FACTORY_PID,
                        NAME,
                        Map.of("name", NAME, "model", NAME, "trusted", true, "accelerators", new String[] {
                            "litert", "cpu"
                        }))
                .pid();
    }

    @After
    public void undeploy() throws Exception {
        settings.delete(pid);
        Await.until("the deployment to go", () -> deployments.find(NAME), Optional::isEmpty);
    }

    @Test
    public void theFormFollowsTheDeviceWithoutARefusal() throws Exception {
        awaitFormat("tflite");
        Bundle litert = Arrays.stream(context.getBundles())
                .filter(b -> "io.edgewright.accelerator.litert".equals(b.getSymbolicName()))
                .findFirst()
                .orElseThrow();
        Predictor predictor = Await.service(context, Predictor.class, "(" + Predictor.DEPLOYMENT + "=" + NAME + ")");
        try (Callers callers = new Callers(predictor, 4)) {
            awaitConstants(callers, Set.of(20f));
            litert.stop();
            awaitFormat("onnx");
            awaitConstants(callers, Set.of(10f, 20f));
            litert.start();
            assertEquals(List.of(), callers.stop());
        }
        assertEquals("x", predictor.signature().inputs().get(0).name());
    }

    private void awaitFormat(String format) throws Exception {
        Await.until(
                NAME + " to serve " + format, () -> deployments.find(NAME), s -> s.flatMap(DeploymentStatus::primary)
                        .filter(v -> v.manifest().format().equals(format))
                        .isPresent());
    }

    private static void awaitConstants(Callers callers, Set<Float> constants) throws Exception {
        Await.until(
                "answers of " + constants,
                () -> callers.failures().isEmpty() ? callers.constants() : constants,
                constants::equals);
    }
}
