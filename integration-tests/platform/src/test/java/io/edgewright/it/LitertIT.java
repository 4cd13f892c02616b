// SPDX-License-Identifier: Apache-2.0
package io.edgewright.it;

import static org.junit.Assert.assertEquals;
import static org.ops4j.pax.exam.CoreOptions.options;

import io.edgewright.api.config.Settings;
import io.edgewright.api.inference.DeploymentStatus;
import io.edgewright.api.inference.Deployments;
import io.edgewright.api.inference.Predictor;
import io.edgewright.api.model.ModelInspector;
import io.edgewright.api.model.ModelManifest;
import io.edgewright.api.model.WritableModelStore;
import io.edgewright.api.model.WritableModelStore.AddOptions;
import io.edgewright.testkit.TfliteModels;
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

/** A TensorFlow Lite model is stored, tried in a process of its own, served, and outlives its driver being replaced. */
@RunWith(PaxExam.class)
@ExamReactorStrategy(PerClass.class)
public class LitertIT {

    private static final String NAME = "lite";
    private static final String DRIVER = "(objectClass=io.edgewright.api.accelerator.AcceleratorDriver)";

    @Inject
    private BundleContext context;

    @Configuration
    public Option[] gateway() {
        return options(Gateway.core(), Gateway.project("io.edgewright.accelerator.litert"));
    }

    @Test
    public void servesATensorFlowLiteModelAndOutlivesItsDriver() throws Exception {
        Settings settings = Await.service(context, Settings.class, "");
        Deployments deployments = Await.service(context, Deployments.class, "");
        Await.until("the inspector", this::knowsTheFormat, Boolean::booleanValue);
        var store = Await.service(context, WritableModelStore.class, "");
        var options = new AddOptions(Optional.of(NAME), Optional.of("1.0.0"), Map.of(), Optional.empty());
        byte[] content = TfliteModels.add(10, List.of(1L, 4L));
        ModelManifest stored = store.add(new ByteArrayInputStream(content), "lite.tflite", options);
        assertEquals("tflite", stored.format());
        settings.create(Deployments.FACTORY_PID, NAME, Map.of("name", NAME, "model", NAME));
        Predictor predictor = Await.service(context, Predictor.class, "(" + Predictor.DEPLOYMENT + "=" + NAME + ")");
        awaitServing(deployments);
        try (Callers callers = new Callers(predictor, 4)) {
            await(callers, 100);
            Bundle driver = bundle("io.edgewright.accelerator.litert");
            for (int i = 0; i < 3; i++) {
                driver.stop();
                driver.start();
                awaitServing(deployments);
                await(callers, callers.answers() + 100);
            }
            driver.update(); // new classes, and with them new copies of the native libraries
            awaitServing(deployments);
            await(callers, callers.answers() + 100);
            assertEquals(List.of(), callers.stop());
            assertEquals(Set.of(10f), callers.constants());
        }
    }

    private boolean knowsTheFormat() throws Exception {
        for (var reference : context.getServiceReferences(ModelInspector.class, null)) {
            if (context.getService(reference).format().equals("tflite")) {
                return context.getAllServiceReferences(null, DRIVER) != null;
            }
        }
        return false;
    }

    private static void awaitServing(Deployments deployments) throws Exception {
        Await.until(
                NAME + " to serve",
                () -> deployments.find(NAME).map(DeploymentStatus::state).orElse(DeploymentStatus.State.STARTING),
                DeploymentStatus.State.SERVING::equals);
    }

    private static void await(Callers callers, long count) throws Exception {
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
