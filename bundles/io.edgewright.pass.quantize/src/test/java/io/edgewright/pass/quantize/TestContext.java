// SPDX-License-Identifier: Apache-2.0
package io.edgewright.pass.quantize;

import io.edgewright.api.accelerator.Accelerator;
import io.edgewright.api.accelerator.AcceleratorKind;
import io.edgewright.api.model.ModelFile;
import io.edgewright.api.optimize.Agreement;
import io.edgewright.api.optimize.Evaluator;
import io.edgewright.api.optimize.Latency;
import io.edgewright.api.optimize.OptimizationException;
import io.edgewright.api.optimize.PassContext;
import io.edgewright.api.optimize.PassParameter;
import io.edgewright.api.tensor.Tensor;
import io.edgewright.onnx.OnnxModel;
import io.edgewright.onnxruntime.OrtRuntime;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/** Runs the pass without an optimizer: samples in memory, and ONNX Runtime on this processor to compare answers. */
record TestContext(
        ModelFile original,
        Map<String, String> parameters,
        List<Map<String, Tensor>> samples,
        Path workFolder,
        BooleanSupplier stop)
        implements PassContext, Evaluator {

    static TestContext of(ModelFile model, Map<String, String> given, List<Map<String, Tensor>> samples, Path folder) {
        Map<String, String> all = new HashMap<>();
        for (PassParameter parameter : Settings.PARAMETERS) {
            all.put(parameter.name(), parameter.defaultValue());
        }
        all.put("mixed", "0");
        all.put("slower", "int8"); // what is measured depends on the machine
        all.putAll(given);
        return new TestContext(model, all, samples, folder, () -> false);
    }

    @Override
    public Accelerator device() {
        return device(OrtRuntime.cpuFeatures());
    }

    static Accelerator device(String features) {
        return new Accelerator(
                "cpu",
                "cpu",
                AcceleratorKind.CPU,
                "",
                "this processor",
                0,
                Set.of("onnx"),
                true,
                Map.of("cpu.features", features));
    }

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
        return this;
    }

    @Override
    public void progress(double fraction, String message) {}

    @Override
    public boolean cancelled() {
        return stop.getAsBoolean();
    }

    @Override
    public Loaded load(Candidate candidate) {
        throw new UnsupportedOperationException("the pass has no need of it");
    }

    @Override
    public List<Latency> latencies(List<Candidate> candidates) {
        throw new UnsupportedOperationException("the pass has no need of it");
    }

    @Override
    public Agreement agreement(Candidate candidate, int mostSamples) throws OptimizationException {
        double least = 1;
        for (Map<String, Tensor> sample : samples) {
            least = Math.min(least, cosine(answer(original.path(), sample), answer(candidate.file(), sample)));
        }
        return new Agreement(Agreement.Measure.VALUES, least, least, Double.NaN, samples.size());
    }

    /** {@return all FLOAT32 answers of a model one after another, in the order of their names} */
    float[] answer(Path model, Map<String, Tensor> sample) throws OptimizationException {
        Map<String, float[]> answers = new TreeMap<>();
        Path folder = workFolder.resolve("answer-" + System.nanoTime());
        try (OnnxModel onnx = OnnxModel.read(model)) {
            Files.createDirectory(folder);
            try (OrtModel opened = OrtModel.open(onnx, folder)) {
                opened.run(sample, (name, values, shape) -> {
                    float[] copy = new float[values.remaining()];
                    values.get(copy);
                    answers.put(name, copy);
                });
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        int length = answers.values().stream().mapToInt(a -> a.length).sum();
        float[] all = new float[length];
        int at = 0;
        for (float[] one : answers.values()) {
            System.arraycopy(one, 0, all, at, one.length);
            at += one.length;
        }
        return all;
    }

    static double cosine(float[] a, float[] b) {
        double product = 0;
        double squaresA = 1e-30;
        double squaresB = 1e-30;
        for (int i = 0; i < a.length; i++) {
            product += (double) a[i] * b[i];
            squaresA += (double) a[i] * a[i];
            squaresB += (double) b[i] * b[i];
        }
        return product / Math.sqrt(squaresA * squaresB);
    }
}
