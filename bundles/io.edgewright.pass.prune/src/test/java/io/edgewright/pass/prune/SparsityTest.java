// SPDX-License-Identifier: Apache-2.0
package io.edgewright.pass.prune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.edgewright.api.model.ModelFile;
import io.edgewright.api.optimize.NodeRemark;
import io.edgewright.api.optimize.PassResult;
import io.edgewright.api.tensor.Tensor;
import io.edgewright.onnx.OnnxModel;
import io.edgewright.testkit.SampledPass;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SparsityTest {

    @TempDir
    Path folder;

    private final PrunePass pass = new PrunePass();

    @ParameterizedTest
    @ValueSource(strings = {"mode=unstructured,keep=0.25", "mode=2:4"})
    void setsWeightsToZeroAndSaysThatItIsNoFaster(String mode) throws Exception {
        PassResult result = apply(matrix(), mode, folder.resolve("made.onnx"));

        assertThat(result.figures().get("zero_share")).isCloseTo(mode.contains("2:4") ? 0.5 : 0.75, within(0.01));
        assertThat(result.summary()).contains("no faster");
    }

    @Test
    void leavesZerosOutOfTheFileAndOnnxRuntimeAnswersTheSame() throws Exception {
        ModelFile model = convolutions();
        Path dense = folder.resolve("dense.onnx");
        Path sparse = folder.resolve("sparse.onnx");

        apply(model, "mode=unstructured,keep=0.1", dense);
        PassResult result = apply(model, "mode=unstructured,keep=0.1,format=sparse", sparse);

        List<Map<String, Tensor>> samples = TestNet.samples(4, 3);
        assertThat(TestNet.answers(sparse, samples)).containsExactly(TestNet.answers(dense, samples));
        assertThat(Files.size(sparse)).isLessThan(Files.size(dense) / 2);
        assertThat(result.figures())
                .containsEntry("sparse_tensors", 3.0)
                .containsEntry("size_ratio", Files.size(sparse) / (double) Files.size(model.path()));
        assertThat(result.summary()).contains("3 sparse tensors", "no faster");
        try (OnnxModel written = OnnxModel.read(sparse)) {
            assertThat(written.problems()).isEmpty();
            assertThat(written.graph().initializers().values())
                    .filteredOn(w -> w.isSparse())
                    .hasSize(3);
        }
    }

    @Test
    void writesZerosWhereSparseTensorsWouldBeLargerAndSaysSo() throws Exception {
        ModelFile model = matrix();
        Path target = folder.resolve("made.onnx");

        PassResult result = apply(model, "mode=2:4,format=sparse", target);

        assertThat(result.figures()).containsEntry("sparse_tensors", 0.0);
        assertThat(result.summary()).contains("written as zeros");
        assertThat(result.remarks()).extracting(NodeRemark::rule).containsOnly("dense");
        assertThat(Files.size(target)).isLessThan(Files.size(model.path()) + 100);
    }

    private ModelFile convolutions() throws Exception {
        var net = new TestNet(3);
        String last = net.relu(net.conv(net.relu(net.conv("x", 3, 32, 1)), 32, 32, 1));
        return net.end(last, 32, folder);
    }

    private ModelFile matrix() throws Exception {
        var net = new TestNet(4);
        return net.write(net.gemm(net.node("Flatten", Map.of(), "x"), 144, 8), folder);
    }

    private PassResult apply(ModelFile model, String parameters, Path target) throws Exception {
        return pass.apply(model, target, SampledPass.of(pass, parameters, model, List.of(), folder));
    }
}
