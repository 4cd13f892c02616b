// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import io.edgewright.testkit.OnnxTestSuite;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The ONNX test suite through the driver, in a process of its own that is started again after a case that kills it.
 * Cases of two kinds may fail: those whose inputs or outputs are no tensors of our types or whose operators ONNX Runtime
 * lacks (MODEL_UNSUPPORTED), and those named here with the reason.
 */
class ConformanceTest {

    private static final Map<String, String> KNOWN = Map.ofEntries(
            Map.entry("test_dft", "the naive transform leaves 1e-4 where 0 is expected, of values up to 100"),
            Map.entry("test_dft_opset19", "as test_dft"),
            Map.entry("test_dft_axis", "as test_dft"),
            Map.entry("test_dft_axis_opset19", "as test_dft"),
            Map.entry("test_dft_inverse", "as test_dft"),
            Map.entry("test_dft_inverse_opset19", "as test_dft"),
            Map.entry("test_dft_rfft", "as test_dft"),
            Map.entry("test_dft_irfft", "as test_dft"),
            Map.entry("test_stft", "as test_dft"),
            Map.entry("test_stft_with_window", "as test_dft"),
            Map.entry("test_resize_downsample_scales_cubic_align_corners", "computes the output size otherwise"),
            Map.entry("test_resize_downsample_scales_linear_align_corners", "computes the output size otherwise"),
            Map.entry("test_training_dropout", "random: another generator than the reference"),
            Map.entry("test_training_dropout_mask", "random: another generator than the reference"),
            Map.entry("test_training_dropout_default", "random: another generator than the reference"),
            Map.entry("test_training_dropout_default_mask", "random: another generator than the reference"),
            Map.entry("test_convinteger_with_padding", "weight zero points per channel are not implemented"));

    @TempDir
    Path folder;

    @Test
    void agreesWithTheReferenceWhereverTheEngineHasTheOperator() throws Exception {
        var suite = new OnnxTestSuite(folder);
        List<String> cases = suite.cases();
        assertThat(cases).hasSizeGreaterThan(900);

        Map<String, String> results = suite.results(cases, ConformanceMain.class);

        assertThat(results).hasSize(cases.size());
        assertThat(results.entrySet().stream().filter(r -> isFailure(r.getKey(), r.getValue())))
                .isEmpty();
        long passed = results.values().stream().filter("pass"::equals).count();
        assertThat(passed).as("cases that agree").isGreaterThanOrEqualTo(725);
    }

    private static boolean isFailure(String name, String result) {
        return !result.equals("pass") && !result.startsWith("MODEL_UNSUPPORTED") && !KNOWN.containsKey(name);
    }
}
