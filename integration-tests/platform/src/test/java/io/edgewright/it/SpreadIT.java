// SPDX-License-Identifier: Apache-2.0
package io.edgewright.it;

import static org.junit.Assert.assertEquals;
import static org.ops4j.pax.exam.CoreOptions.options;

import io.edgewright.api.config.Settings;
import io.edgewright.api.inference.DeploymentStatus;
import io.edgewright.api.inference.Deployments;
import io.edgewright.api.inference.Deployments.DeviceState;
import io.edgewright.api.inference.Predictor;
import io.edgewright.api.inference.ServedVersion;
import io.edgewright.api.model.WritableModelStore;
import io.edgewright.api.model.WritableModelStore.AddOptions;
import io.edgewright.testkit.TestModels;
import java.io.ByteArrayInputStream;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.inject.Inject;
import org.junit.Test;
import org.junit.runner.RunWith;
import org.ops4j.pax.exam.Configuration;
import org.ops4j.pax.exam.Option;
import org.ops4j.pax.exam.junit.PaxExam;
import org.ops4j.pax.exam.spi.reactors.ExamReactorStrategy;
import org.ops4j.pax.exam.spi.reactors.PerClass;
import org.osgi.framework.BundleContext;

/** One deployment on two simulated devices, of which one vanishes and is found again by a rescan, while eight callers ask. */
@RunWith(PaxExam.class)
@ExamReactorStrategy(PerClass.class)
public class SpreadIT {

    private static final String NAME = "spread";
    private static final String SIMULATED = "io.edgewright.accelerator.sim";

    @Inject
    private BundleContext context;

    private Deployments deployments;

    @Configuration
    public Option[] gateway() {
        return options(Gateway.core(), Gateway.project(SIMULATED));
    }

    @Test
    public void aDeviceVanishesAndComesBackWithoutARefusal() throws Exception {
        deployments = Await.service(context, Deployments.class, "");
        Settings settings = Await.service(context, Settings.class, "");
        settings.create("io.edgewright.runtime", "", Map.of("recover.seconds", 0));
        String a = device(settings, "a");
        device(settings, "b");
        byte[] model = TestModels.add(7, List.of(1L, 4L));
        Await.service(context, WritableModelStore.class, "")
                .add(
                        new ByteArrayInputStream(model),
                        NAME + ".onnx",
                        new AddOptions(Optional.of(NAME), Optional.of("1.0.0"), Map.of(), Optional.empty()));
        settings.create(
                Deployments.FACTORY_PID,
                NAME,
                Map.of("name", NAME, "model", NAME, "placement", "spread", "accelerators", new String[] {"NPU"}));
        awaitOn("sim:a", "sim:b");
        Predictor predictor = Await.service(context, Predictor.class, "(" + Predictor.DEPLOYMENT + "=" + NAME + ")");
        try (Callers callers = new Callers(predictor, 8)) {
            awaitAnswers(callers);
            settings.update(a, Map.of("present", false));
            awaitOn("sim:b");
            Await.until("the device to be absent", () -> state("sim:a"), DeviceState.ABSENT::equals);
            awaitAnswers(callers);
            settings.update(a, Map.of("present", true, "tells", false));
            awaitAnswers(callers);
            deployments.rescan();
            awaitOn("sim:a", "sim:b");
            awaitAnswers(callers);
            assertEquals(List.of(), callers.stop());
        }
        Await.until("the device to be trusted", () -> state("sim:a"), DeviceState.READY::equals);
    }

    private static String device(Settings settings, String name) throws Exception {
        return settings.create(SIMULATED, name, Map.of("device.id", "sim:" + name))
                .pid();
    }

    private DeviceState state(String id) {
        return deployments.devices().stream()
                .filter(d -> d.accelerator().id().equals(id))
                .findFirst()
                .orElseThrow()
                .state();
    }

    private void awaitOn(String... devices) throws Exception {
        Await.until(
                "to serve on " + List.of(devices),
                () -> deployments.find(NAME).map(DeploymentStatus::served).orElse(List.of()).stream()
                        .map(ServedVersion::accelerator)
                        .toList(),
                List.of(devices)::equals);
    }

    private static void awaitAnswers(Callers callers) throws Exception {
        long before = callers.answers();
        Await.until(
                "answers",
                () -> callers.failures().isEmpty() ? callers.answers() : Long.MAX_VALUE,
                answers -> answers >= before + 200);
    }
}
