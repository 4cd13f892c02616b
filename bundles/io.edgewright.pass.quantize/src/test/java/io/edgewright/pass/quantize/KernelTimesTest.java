// SPDX-License-Identifier: Apache-2.0
package io.edgewright.pass.quantize;

import static org.assertj.core.api.Assertions.assertThat;

import io.edgewright.onnx.OnnxModel;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KernelTimesTest {

    @TempDir
    Path folder;

    @Test
    void sumUpTheFasterRunsOfEachNode() throws Exception {
        Path profile = Files.writeString(folder.resolve("profile.json"), """
                [
                {"cat" : "Session","dur" :900,"ts" :1,"ph" : "X","name" :"model_run","args" : {}},
                {"cat" : "Node","dur" :5,"ts" :2,"ph" : "X","name" :"c1_kernel_time","args" : {"op_name" : "Conv"}},
                {"cat" : "Node","dur" :700,"ts" :3,"ph" : "X","name" :"c1_kernel_time","args" : {"op_name" : "Conv"}},
                {"cat" : "Node","dur" :7,"ts" :4,"ph" : "X","name" :"c1_kernel_time","args" : {"op_name" : "Conv"}},
                {"cat" : "Node","dur" :3,"ts" :5,"ph" : "X","name" :"c1_fence_before","args" : {"op_name" : "Conv"}},
                {"cat" : "Node","dur" :11,"ts" :6,"ph" : "X","name" :"Add_kernel_time","args" : {"op_name" : "Add"}}
                ]
                """);
        assertThat(KernelTimes.sumOfFasterHalves(profile)).isEqualTo((5 + 7) / 2.0 + 11);
    }

    @Test
    void areReadFromWhatOnnxRuntimeWrites() throws Exception {
        try (OnnxModel model = OnnxModel.read(Nets.residual().write(folder, "y").path())) {
            Path work = Files.createDirectory(folder.resolve("work"));
            assertThat(KernelTimes.micros(model, Nets.samples(1).get(0), work)).isPositive();
            assertThat(work).isEmptyDirectory();
        }
    }
}
