// SPDX-License-Identifier: Apache-2.0
package io.edgewright.it;

import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;
import static org.junit.Assume.assumeTrue;
import static org.ops4j.pax.exam.CoreOptions.options;

import io.edgewright.api.accelerator.AcceleratorDriver;
import io.edgewright.api.accelerator.Deadline;
import io.edgewright.api.accelerator.LoadOptions;
import io.edgewright.api.accelerator.LoadOptions.Goal;
import io.edgewright.api.accelerator.ModelSession;
import io.edgewright.api.accelerator.Slot;
import io.edgewright.api.isolation.Isolation;
import io.edgewright.api.model.ModelInspector;
import io.edgewright.api.model.ModelManifest;
import io.edgewright.api.model.WritableModelStore;
import io.edgewright.api.model.WritableModelStore.AddOptions;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import javax.inject.Inject;
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

/** A bundle whose native libraries stay in the process is stopped, started and installed anew. Skipped without libtorch. */
@RunWith(PaxExam.class)
@ExamReactorStrategy(PerClass.class)
public class TorchIT {

    private static final String BUNDLE = "io.edgewright.accelerator.torch";
    private static final LoadOptions TRUSTED = new LoadOptions(Goal.THROUGHPUT, 0, true, Map.of());

    @Inject
    private BundleContext context;

    @Configuration
    public Option[] gateway() {
        return options(Gateway.core(), Gateway.project(BUNDLE));
    }

    @Before
    public void putTheLibraryInItsPlace() throws Exception {
        String library = System.getenv().getOrDefault("EDGEWRIGHT_TORCH", "");
        assumeTrue("skipped: no libtorch; run tools/fetch-torch.sh and set EDGEWRIGHT_TORCH", !library.isBlank());
        Path folder = Path.of(System.getProperty("edgewright.home"), "natives", "torch");
        if (!Files.exists(folder)) {
            Files.createDirectories(folder.getParent());
            Files.createSymbolicLink(folder, Path.of(library).toAbsolutePath());
        }
    }

    @Test
    public void runsAModelAfterEachStopAndStart() throws Exception {
        ModelManifest model = added("stopped");
        for (int i = 0; i < 5; i++) {
            assertAdds(model, TRUSTED);
            bundle().stop();
            bundle().start();
        }
        assertAdds(model, TRUSTED);
    }

    @Test
    public void runsAModelAfterTheBundleWasInstalledAnew() throws Exception {
        ModelManifest model = added("reinstalled");
        String location = bundle().getLocation();
        for (int i = 0; i < 3; i++) {
            assertAdds(model, TRUSTED);
            bundle().uninstall();
            context.installBundle(location).start();
        }
        assertAdds(model, TRUSTED);
    }

    @Test
    public void runsAModelThatIsNotTrustedInAProcessOfItsOwn() throws Exception {
        Await.service(context, Isolation.class, "");
        assertAdds(added("untrusted"), LoadOptions.DEFAULT);
    }

    private ModelManifest added(String name) throws Exception {
        WritableModelStore store = Await.service(context, WritableModelStore.class, "");
        Await.service(context, ModelInspector.class, "(component.name=" + BUNDLE + ".inspector)");
        ModelManifest added = store.add(new ByteArrayInputStream(adder()), name + ".pt", AddOptions.NONE);
        assertEquals("torchscript", added.format());
        return added;
    }

    private void assertAdds(ModelManifest model, LoadOptions options) throws Exception {
        WritableModelStore store = Await.service(context, WritableModelStore.class, "");
        AcceleratorDriver driver = driver();
        try (var file = store.open(model.id());
                ModelSession session = driver.load(file, driver.accelerators().get(0), options);
                Slot slot = session.openSlot(Map.of("x", List.of(2L)))) {
            slot.input("x").floatBuffer().put(0, 41);
            slot.run(Deadline.NONE);
            assertArrayEquals(new float[] {42, 1}, slot.output("output_0").toFloats(), 0);
        }
    }

    private AcceleratorDriver driver() throws Exception {
        return Await.service(context, AcceleratorDriver.class, "(component.name=" + BUNDLE + ")");
    }

    private Bundle bundle() {
        return Arrays.stream(context.getBundles())
                .filter(b -> BUNDLE.equals(b.getSymbolicName()))
                .findFirst()
                .orElseThrow();
    }

    /** TorchScript that adds 1: a pickle that names a class, and its code. */
    private static byte[] adder() throws IOException {
        var bytes = new ByteArrayOutputStream();
        try (var zip = new ZipOutputStream(bytes)) {
            entry(zip, "m/data.pkl", "\u0080\u0002c__torch__\nM\n)\u0081}X\b\0\0\0training\u0089sb.");
            entry(
                    zip,
                    "m/code/__torch__.py",
                    "class M(Module):\n  __parameters__ = []\n  __buffers__ = []\n  training : bool\n"
                            + "  def forward(self: __torch__.M,\n    x: Tensor) -> Tensor:\n    return torch.add(x, 1)\n");
            entry(zip, "m/constants.pkl", "\u0080\u0002).");
            entry(zip, "m/version", "3\n");
        }
        return bytes.toByteArray();
    }

    private static void entry(ZipOutputStream zip, String name, String content) throws IOException {
        byte[] bytes = content.getBytes(StandardCharsets.ISO_8859_1);
        var entry = new ZipEntry(name);
        entry.setMethod(ZipEntry.STORED);
        entry.setSize(bytes.length);
        var crc = new CRC32();
        crc.update(bytes);
        entry.setCrc(crc.getValue());
        zip.putNextEntry(entry);
        zip.write(bytes);
        zip.closeEntry();
    }
}
