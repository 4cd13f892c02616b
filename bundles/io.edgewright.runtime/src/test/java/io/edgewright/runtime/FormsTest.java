// SPDX-License-Identifier: Apache-2.0
package io.edgewright.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.edgewright.api.accelerator.AcceleratorKind;
import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.accelerator.InferenceException.Reason;
import io.edgewright.api.inference.DeploymentEvent.Kind;
import io.edgewright.api.inference.DeploymentStatus.State;
import io.edgewright.api.inference.RequestOptions;
import io.edgewright.api.inference.Signature;
import io.edgewright.api.model.ModelForm;
import io.edgewright.api.model.ModelId;
import io.edgewright.api.model.ModelManifest;
import io.edgewright.api.tensor.ElementType;
import io.edgewright.api.tensor.Tensor;
import io.edgewright.api.tensor.TensorSpec;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Format and device are chosen together, and applications cannot tell which form serves. */
@Timeout(60)
class FormsTest {

    private static final String ONNX = "a".repeat(64);
    private static final String LITE = "b".repeat(64);

    @TempDir
    Path home;

    private Gateway gateway;

    @BeforeEach
    void makeGateway() throws Exception {
        gateway = new Gateway(home, Map.of("recover.seconds", 0), null);
        gateway.store.put(model());
    }

    @AfterEach
    void closeGateway() {
        gateway.close();
    }

    @Test
    void servesTheFormThatTheDeviceTakesUnderTheNamesOfTheFirst() throws Exception {
        gateway.runtime.addDriver(new FormDriver("lite", AcceleratorKind.TPU, "tflite"));
        gateway.deploy("d");
        gateway.awaitOn("d", "lite");

        assertThat(gateway.ask("d", 1)).isEqualTo(3);
        assertThat(gateway.predictor("d").predict(Map.of("x", Tensor.ofFloats(List.of(1L), 5))))
                .containsOnlyKeys("y");
        ModelManifest served = gateway.primary("d").orElseThrow().manifest();
        assertThat(served.format()).isEqualTo("tflite");
        assertThat(served.digest()).isEqualTo(LITE);
        Signature signature = gateway.predictor("d").signature();
        assertThat(signature.inputs()).containsExactly(new TensorSpec("x", ElementType.FLOAT32, List.of(1L)));
        assertThat(signature.manifest().format()).isEqualTo("tflite");
        assertThatExceptionOfType(InferenceException.class)
                .isThrownBy(
                        () -> gateway.predictor("d").predict(i -> i.input("x:tflite"), o -> o, RequestOptions.DEFAULT))
                .withMessageContaining("[x]");
    }

    @Test
    void movesToADeviceThatTakesAnotherForm() throws Exception {
        var tpu = new FormDriver("tpu", AcceleratorKind.TPU, "tflite");
        gateway.runtime.addDriver(tpu);
        gateway.runtime.addDriver(new FormDriver("cpu", AcceleratorKind.CPU, "onnx"));
        gateway.deploy("d");
        gateway.awaitOn("d", "tpu");
        assertThat(gateway.ask("d", 1)).isEqualTo(3);

        tpu.present = false;
        gateway.changes.acceleratorsChanged(tpu);

        gateway.awaitOn("d", "cpu");
        assertThat(gateway.ask("d", 1)).isEqualTo(2);
        assertThat(gateway.primary("d").orElseThrow().manifest().format()).isEqualTo("onnx");
        tpu.present = true;
        gateway.changes.acceleratorsChanged(tpu);
        gateway.awaitOn("d", "tpu");
    }

    @Test
    void triesTheNextFormOnADeviceThatDoesNotSupportTheFirst() throws Exception {
        var both = new FormDriver("both", AcceleratorKind.NPU, "onnx", "tflite");
        both.refuses.put("onnx", Reason.MODEL_UNSUPPORTED);
        gateway.runtime.addDriver(both);
        gateway.deploy("d");
        gateway.awaitOn("d", "both");

        assertThat(gateway.primary("d").orElseThrow().manifest().format()).isEqualTo("tflite");
        assertThat(gateway.has("d", Kind.LOAD_FAILED)).isTrue();
        Await.until("it is serving", () -> gateway.status("d").state() == State.SERVING);
    }

    @Test
    void prefersTheFirstFormWhereADeviceTakesBoth() throws Exception {
        gateway.runtime.addDriver(new FormDriver("both", AcceleratorKind.NPU, "onnx", "tflite"));
        gateway.deploy("d");
        gateway.awaitOn("d", "both");

        assertThat(gateway.primary("d").orElseThrow().manifest().format()).isEqualTo("onnx");
    }

    @Test
    void aBrokenFormDoesNotKeepTheOtherFromBeingServed() throws Exception {
        var npu = new FormDriver("npu", AcceleratorKind.NPU, "onnx");
        npu.refuses.put("onnx", Reason.MODEL_INVALID);
        gateway.runtime.addDriver(npu);
        gateway.runtime.addDriver(new FormDriver("cpu", AcceleratorKind.CPU, "tflite"));
        gateway.deploy("d");

        gateway.awaitOn("d", "cpu");
        assertThat(gateway.ask("d", 1)).isEqualTo(3);
    }

    @Test
    void refusesAFormThatTakesSomethingElseOnceLoaded() throws Exception {
        var lite = new FormDriver("lite", AcceleratorKind.TPU, "tflite");
        lite.length = 4;
        gateway.runtime.addDriver(lite);
        gateway.deploy("d");

        Await.until("it says why", () -> gateway.status("d").message().contains("[4]"));
        assertThat(gateway.status("d").state()).isEqualTo(State.FAILED);
        assertThat(gateway.status("d").message()).contains("tflite", "x:tflite", "expected FLOAT32 [1]");
        assertThat(gateway.store.open()).isZero();
    }

    @Test
    void saysWhichFormatsTheDevicesTake() throws Exception {
        gateway.runtime.addDriver(new FormDriver("torch", AcceleratorKind.CPU, "torchscript"));
        gateway.deploy("d");

        Await.until("it failed", () -> gateway.status("d").state() == State.FAILED);
        assertThat(gateway.status("d").message()).contains("onnx or tflite", "torch (CPU) for torchscript");
    }

    private static ModelManifest model() {
        var lite = new ModelForm("tflite", "model.tflite", LITE, 1, List.of(spec("in")), List.of(spec("out")));
        return new ModelManifest(
                ModelId.of("m", "1.0.0"),
                "onnx",
                "model.onnx",
                ONNX,
                1,
                List.of(spec("x")),
                List.of(spec("y")),
                Map.of("model.tflite", LITE),
                Map.of(),
                List.of(lite));
    }

    private static TensorSpec spec(String name) {
        return new TensorSpec(name, ElementType.FLOAT32, List.of(1L));
    }
}
