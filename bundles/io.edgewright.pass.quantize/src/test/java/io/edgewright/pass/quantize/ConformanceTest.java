// SPDX-License-Identifier: Apache-2.0
package io.edgewright.pass.quantize;

import static org.assertj.core.api.Assertions.assertThat;

import io.edgewright.testkit.OnnxTestSuite;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Of every case of the ONNX test suite the pass makes a model that the engine opens, or it refuses with a reason. */
class ConformanceTest {

    @TempDir
    Path folder;

    @Test
    void worksOrRefusesOnTheOnnxTestSuite() throws Exception {
        var suite = new OnnxTestSuite(folder);
        List<String> cases = suite.cases();
        Map<String, String> results = suite.results(cases, ConformanceMain.class);

        Files.write(
                Path.of("target", "conformance.txt"),
                results.entrySet().stream()
                        .map(e -> e.getKey() + ": " + e.getValue())
                        .toList());
        assertThat(results).hasSize(cases.size());
        assertThat(results.entrySet().stream()
                        .filter(e -> e.getValue().contains("wrong")
                                || e.getValue().equals("killed the process")
                                        && !e.getKey().contains("optional")))
                .isEmpty();
        assertThat(results.values()).filteredOn(r -> r.contains("made;")).hasSizeGreaterThan(6);
    }
}
