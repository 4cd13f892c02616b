// SPDX-License-Identifier: Apache-2.0
package io.edgewright.it;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;
import static org.ops4j.pax.exam.CoreOptions.options;

import io.edgewright.api.accelerator.Accelerator;
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
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import javax.inject.Inject;
import org.junit.Assume;
import org.junit.Test;
import org.junit.runner.RunWith;
import org.ops4j.pax.exam.Configuration;
import org.ops4j.pax.exam.Option;
import org.ops4j.pax.exam.junit.PaxExam;
import org.ops4j.pax.exam.spi.reactors.ExamReactorStrategy;
import org.ops4j.pax.exam.spi.reactors.PerClass;
import org.osgi.framework.BundleContext;

/** OpenVINO's plug-in comes and goes by configuration while callers ask: none is refused. */
@RunWith(PaxExam.class)
@ExamReactorStrategy(PerClass.class)
public class PluginIT {

    private static final String NAME = "shared";
    private static final String PLUGIN = "io.edgewright.accelerator.plugin";
    private static final String DEVICE = "openvino:cpu.0";

    @Inject
    private BundleContext context;

    @Configuration
    public Option[] gateway() {
        return options(Gateway.core(), Gateway.project(PLUGIN));
    }

    @Test
    public void aProviderComesAndGoesWithoutARefusal() throws Exception {
        Path library = openVino();
        Settings settings = Await.service(context, Settings.class, "");
        Deployments deployments = Await.service(context, Deployments.class, "");
        byte[] model = TestModels.add(10, List.of(1L, 4L));
        Await.service(context, WritableModelStore.class, "")
                .add(
                        new ByteArrayInputStream(model),
                        NAME + ".onnx",
                        new AddOptions(Optional.of(NAME), Optional.of("1.0.0"), Map.of(), Optional.empty()));
        settings.create(
                Deployments.FACTORY_PID,
                NAME,
                Map.of("name", NAME, "model", NAME, "accelerators", new String[] {DEVICE, "cpu"}));
        Predictor predictor = Await.service(context, Predictor.class, "(" + Predictor.DEPLOYMENT + "=" + NAME + ")");
        awaitServedOn(deployments, "cpu");
        try (Callers callers = new Callers(predictor, 4)) {
            for (int i = 0; i < 2; i++) {
                String plugin = settings.create(
                                PLUGIN, "openvino", Map.of("preset", "openvino", "library", library.toString()))
                        .pid();
                awaitDevices(List.of(DEVICE));
                awaitServedOn(deployments, DEVICE);
                settings.delete(plugin);
                awaitDevices(List.of());
                awaitServedOn(deployments, "cpu");
            }
            assertEquals(List.of(), callers.stop());
            assertEquals(Set.of(10f), callers.constants());
        }
        assertTrue(
                "the history tells who ran what",
                deployments.history(NAME, 100).stream().anyMatch(e -> "all on OpenVINOExecutionProvider"
                        .equals(e.details().get("partition"))));
    }

    private void awaitDevices(List<String> expected) throws Exception {
        Await.until(
                "the devices " + expected,
                () -> {
                    for (var reference : context.getServiceReferences(AcceleratorDriver.class, null)) {
                        AcceleratorDriver driver = context.getService(reference);
                        if (driver != null && driver.name().equals("openvino")) {
                            List<String> ids = driver.accelerators().stream()
                                    .map(Accelerator::id)
                                    .toList();
                            context.ungetService(reference);
                            return ids;
                        }
                    }
                    return List.<String>of();
                },
                expected::equals);
    }

    private static void awaitServedOn(Deployments deployments, String device) throws Exception {
        Await.until(
                NAME + " to serve on " + device, () -> deployments.find(NAME), s -> s.flatMap(DeploymentStatus::primary)
                        .map(ServedVersion::accelerator)
                        .filter(device::equals)
                        .isPresent());
    }

    /** On a processor that is not Intel's, behind the library that lets the plug-in see an Intel processor. */
    private static Path openVino() throws Exception {
        String path = System.getenv().getOrDefault("EDGEWRIGHT_OPENVINO", "");
        Assume.assumeTrue(
                "skipped: EDGEWRIGHT_OPENVINO names no library; tools/fetch-providers.sh gets one",
                !path.isEmpty() && Files.isRegularFile(Path.of(path)));
        if (Files.readString(Path.of("/proc/cpuinfo"), StandardCharsets.ISO_8859_1)
                .contains("GenuineIntel")) {
            return Path.of(path);
        }
        Assume.assumeTrue(
                "skipped: no gcc, which tests on other processors than Intel's take",
                List.of(System.getenv().getOrDefault("PATH", "").split(":")).stream()
                        .anyMatch(p -> Files.isExecutable(Path.of(p, "gcc"))));
        Path target = Files.createTempDirectory(Path.of("target"), "plugin")
                .toAbsolutePath()
                .resolve("libany_vendor.so");
        Process gcc = new ProcessBuilder(
                        "gcc",
                        "-shared",
                        "-fPIC",
                        "-o",
                        target.toString(),
                        "../../bundles/" + PLUGIN + "/src/test/c/any_vendor.c",
                        "-DREAL=\"" + path + "\"",
                        "-Wl,-z,nodelete",
                        "-ldl")
                .inheritIO()
                .start();
        assertTrue("gcc ends", gcc.waitFor(60, TimeUnit.SECONDS));
        assertEquals(0, gcc.exitValue());
        return target;
    }
}
