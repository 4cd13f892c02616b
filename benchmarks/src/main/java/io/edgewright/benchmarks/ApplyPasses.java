// SPDX-License-Identifier: Apache-2.0
package io.edgewright.benchmarks;

import io.edgewright.api.accelerator.Accelerator;
import io.edgewright.api.accelerator.AcceleratorDriver;
import io.edgewright.api.model.ModelFile;
import io.edgewright.api.optimize.Evaluator;
import io.edgewright.api.optimize.OptimizationPass;
import io.edgewright.api.optimize.PassContext;
import io.edgewright.api.optimize.PassParameter;
import io.edgewright.api.optimize.PassResult;
import io.edgewright.api.optimize.PassStep;
import io.edgewright.api.optimize.Pipeline;
import io.edgewright.api.tensor.Npy;
import io.edgewright.api.tensor.Tensor;
import io.edgewright.testkit.FileModel;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Applies passes to model files, whether that pays here or not, and writes what becomes of them: for comparisons with other tools.
 * Arguments: the build folder, then INPUT MODEL SAMPLES.npy PIPELINE TARGET for each model, where INPUT is the name of its input.
 */
final class ApplyPasses {

    private static final int ARGUMENTS = 5;

    private ApplyPasses() {}

    public static void main(String[] args) throws Exception {
        Platform platform = Platform.start(Path.of(args[0]), false, false, Map.of());
        AcceleratorDriver driver = platform.service(AcceleratorDriver.class, "(component.name=*cpu)");
        Accelerator device = driver.accelerators().get(0);
        for (int i = 1; i + ARGUMENTS <= args.length; i += ARGUMENTS) {
            Path work = Files.createTempDirectory("passes");
            FileModel original = FileModel.of(Path.of(args[i + 1]), "onnx");
            List<Map<String, Tensor>> samples = samples(args[i], Npy.read(Path.of(args[i + 2]), 1L << 30));
            Path file = original.path();
            for (PassStep step : Pipeline.parse(args[i + 3]).steps()) {
                OptimizationPass pass = pass(platform, step.pass());
                Path next = Files.createTempDirectory(work, step.pass()).resolve("model.onnx");
                var context = new Context(device, original, parameters(pass, step), samples, work);
                PassResult result = pass.apply(FileModel.of(file, "onnx"), next, context);
                System.out.printf("%s, %s: %s%n", original.path().getFileName(), step, result.summary());
                file = result.changed() ? next : file;
            }
            Files.copy(file, Path.of(args[i + 4]), StandardCopyOption.REPLACE_EXISTING);
        }
        platform.stop();
    }

    private static OptimizationPass pass(Platform platform, String name) throws Exception {
        return platform.service(OptimizationPass.class, "(component.name=*pass." + name + ")");
    }

    private static Map<String, String> parameters(OptimizationPass pass, PassStep step) {
        Map<String, String> all = new HashMap<>();
        for (PassParameter parameter : pass.parameters()) {
            all.put(parameter.name(), parameter.defaultValue());
        }
        all.putAll(step.parameters());
        return all;
    }

    /** One for each row of the first dimension. */
    private static List<Map<String, Tensor>> samples(String input, Tensor all) {
        List<Long> shape = new ArrayList<>(all.shape());
        int count = Math.toIntExact(shape.set(0, 1L));
        int bytes = all.data().limit() / count;
        return IntStream.range(0, count)
                .mapToObj(i -> {
                    ByteBuffer one = ByteBuffer.allocateDirect(bytes).put(0, all.data(), i * bytes, bytes);
                    return Map.of(input, new Tensor(all.type(), shape, one));
                })
                .toList();
    }

    private record Context(
            Accelerator device,
            ModelFile original,
            Map<String, String> parameters,
            List<Map<String, Tensor>> samples,
            Path workFolder)
            implements PassContext {

        @Override
        public int calibrationSize() {
            return samples.size();
        }

        @Override
        public Stream<Map<String, Tensor>> calibration() {
            return samples.stream();
        }

        @Override
        public Evaluator evaluator() {
            throw new IllegalStateException("nothing is measured here: choose parameters that need no measuring");
        }

        @Override
        public void progress(double fraction, String message) {}

        @Override
        public boolean cancelled() {
            return false;
        }
    }
}
