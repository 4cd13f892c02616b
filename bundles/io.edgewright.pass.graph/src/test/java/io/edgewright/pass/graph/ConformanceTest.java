// SPDX-License-Identifier: Apache-2.0
package io.edgewright.pass.graph;

import static org.assertj.core.api.Assertions.assertThat;

import io.edgewright.testkit.OnnxTestSuite;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every case of the ONNX test suite that the engine ran before gives the same answer after the pass. */
class ConformanceTest {

    /** Where Debian's libonnx-testdata lies; the environment can name another copy. */
    private static final String DEBIAN = "/usr/share/libonnx-testdata/data";

    @TempDir
    Path folder;

    @Test
    void changesNoAnswerOfTheOnnxTestSuite() throws Exception {
        var suite = new OnnxTestSuite(folder);
        List<String> cases = suite.cases();

        check(suite.results(cases, ConformanceMain.class), cases.size(), 725, 620);
    }

    @Test
    void changesNoAnswerOfDebiansTestData() throws Exception {
        Path data = Path.of(System.getenv().getOrDefault("EDGEWRIGHT_ONNX_TESTDATA", DEBIAN));
        Assumptions.assumeTrue(
                Files.isDirectory(data),
                () -> "skipped: no " + data + " (install libonnx-testdata, or set EDGEWRIGHT_ONNX_TESTDATA)");
        List<String> cases = OnnxTestSuite.casesIn(data);

        check(new OnnxTestSuite(folder).results(cases, ConformanceMain.class), cases.size(), 950, 750);
    }

    private static void check(Map<String, String> results, int cases, int run, int folded) throws IOException {
        assertThat(results).hasSize(cases);
        Path log = Path.of("target", "conformance-" + cases + ".txt");
        Files.write(
                log,
                results.entrySet().stream()
                        .map(e -> e.getKey() + ": " + e.getValue())
                        .toList());
        assertThat(results.entrySet().stream()
                        .filter(e -> e.getValue().contains("wrong")
                                || e.getValue().equals("killed the process")
                                        && !e.getKey().contains("optional")))
                .isEmpty();
        assertThat(results.values()).filteredOn(r -> !r.startsWith("not run")).hasSizeGreaterThan(run);
        assertThat(results.values()).filteredOn(r -> r.endsWith(", folded")).hasSizeGreaterThan(folded);
    }
}
