// SPDX-License-Identifier: Apache-2.0
package io.edgewright.it;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;
import static org.ops4j.pax.exam.CoreOptions.options;

import io.edgewright.api.optimize.OptimizationPass;
import io.edgewright.api.tensor.ElementType;
import io.edgewright.api.tensor.Tensor;
import io.edgewright.api.tensor.TensorSpec;
import io.edgewright.testkit.FileModel;
import io.edgewright.testkit.OnnxWriter;
import io.edgewright.testkit.SampledPass;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
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
import org.osgi.framework.ServiceReference;
import org.osgi.framework.wiring.FrameworkWiring;

/** The graph pass works with the libraries in their bundles, also after it, or the library below it, was replaced. */
@RunWith(PaxExam.class)
@ExamReactorStrategy(PerClass.class)
public class GraphPassIT {

    private static final String PASS = "io.edgewright.pass.graph";

    @Inject
    private BundleContext context;

    @Configuration
    public Option[] gateway() {
        return options(Gateway.core(), Gateway.project(PASS));
    }

    @Test
    public void thePassComesBackAndWorksAgain() throws Exception {
        simplify();
        Bundle pass = bundle(PASS);

        pass.stop();
        Await.until("no pass", this::passes, n -> n == 0);
        pass.start();
        simplify();

        Bundle library = bundle("io.edgewright.onnx");
        ServiceReference<OptimizationPass> before = context.getServiceReference(OptimizationPass.class);
        context.getBundle(0).adapt(FrameworkWiring.class).refreshBundles(List.of(library));
        Await.until(
                "another pass",
                () -> context.getServiceReference(OptimizationPass.class),
                now -> now != null && !Objects.equals(now, before));
        simplify();
    }

    private void simplify() throws Exception {
        Path dir = Files.createTempDirectory("graph-pass");
        TensorSpec x = new TensorSpec("x", ElementType.FLOAT32, List.of(2L));
        byte[] model = new OnnxWriter(17)
                .input(x)
                .output(new TensorSpec("y", x.type(), x.shape()))
                .initializer("a", Tensor.ofFloats(List.of(2L), 1, 2))
                .node("Neg", List.of("a"), List.of("b"), Map.of())
                .node("Identity", List.of("x"), List.of("i"), Map.of())
                .node("Add", List.of("i", "b"), List.of("y"), Map.of())
                .toBytes();
        OptimizationPass pass = Await.service(context, OptimizationPass.class, "");

        FileModel file = FileModel.write(dir, "m.onnx", "onnx", model);

        var result = pass.apply(file, dir.resolve("t.onnx"), SampledPass.of(pass, "", file, List.of(), dir));

        assertEquals("3 nodes became 1", result.summary());
        assertTrue(Files.exists(dir.resolve("t.onnx")));
    }

    private int passes() throws Exception {
        return context.getServiceReferences(OptimizationPass.class, null).size();
    }

    private Bundle bundle(String name) {
        return Arrays.stream(context.getBundles())
                .filter(b -> name.equals(b.getSymbolicName()))
                .findFirst()
                .orElseThrow();
    }
}
