// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnxruntime.OrtSession.SessionOptions;
import io.edgewright.onnx.OnnxModelInfo;
import io.edgewright.onnxruntime.OrtRuntime;
import org.junit.jupiter.api.Test;

class ProofModelTest {

    @Test
    void isAModelThatOurOwnReaderUnderstands() throws Exception {
        OnnxModelInfo info = OnnxModelInfo.read(ProofModel.bytes());
        assertThat(info.operators()).containsExactlyInAnyOrder("Conv", "MatMul");
        assertThat(info.inputs()).hasSize(2);
    }

    @Test
    void hasTheAnswerThatTheProcessorComputes() throws Exception {
        assertThat(OrtRuntime.version()).isNotBlank();
        try (var options = new SessionOptions()) {
            assertThat(CudaEngine.prove(options)).isEqualTo(ProofModel.Y);
        }
    }
}
