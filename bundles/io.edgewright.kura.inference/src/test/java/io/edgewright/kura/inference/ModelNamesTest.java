// SPDX-License-Identifier: Apache-2.0
package io.edgewright.kura.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.edgewright.api.accelerator.InferenceException.Reason;
import io.edgewright.api.tensor.ElementType;
import io.edgewright.api.tensor.TensorSpec;
import io.edgewright.testkit.Configs;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.eclipse.kura.KuraErrorCode;
import org.eclipse.kura.KuraException;
import org.eclipse.kura.ai.inference.ModelInfo;
import org.eclipse.kura.ai.inference.TensorDescriptor;
import org.junit.jupiter.api.Test;

/** What a model's name means, and when a model is loaded and unloaded. */
class ModelNamesTest {

    private static final List<TensorSpec> SCALAR = List.of(new TensorSpec("x", ElementType.FLOAT32, List.of()));
    private static final List<TensorSpec> OPEN =
            List.of(new TensorSpec("y", ElementType.FLOAT32, List.of(TensorSpec.DYNAMIC, 3L)));

    private final MemoryGateway gateway = new MemoryGateway(Map.of("load.wait.seconds", 0));
    private final KuraInference engine = gateway.engine;

    @Test
    void aModelIsADeployment() throws Exception {
        gateway.store("pump", SCALAR, OPEN);
        gateway.deploy("pump");

        ModelInfo info = engine.getModelInfo("pump").orElseThrow();

        assertThat(info.getName()).isEqualTo("pump");
        assertThat(info.getPlatform()).contains("onnx");
        assertThat(info.getVersion()).contains("1.2.0");
        assertThat(info.getInputs()).extracting(TensorDescriptor::getType).containsExactly("FP32");
        assertThat(info.getInputs()).extracting(TensorDescriptor::getShape).containsExactly(List.of(1L));
        assertThat(info.getOutputs()).extracting(TensorDescriptor::getShape).containsExactly(List.of(-1L, 3L));
        assertThat(engine.isModelLoaded("pump")).isTrue();
    }

    @Test
    void namesAreThoseOfDeploymentsAndOfStoredModels() throws Exception {
        gateway.store("pump", SCALAR, SCALAR);
        gateway.store("belt", SCALAR, SCALAR);
        gateway.deploy("pump");
        assertThat(engine.getModelNames()).containsExactly("belt", "pump");

        engine.change(Configs.of(KuraInference.Config.class, Map.of("deploy.on.demand", false)));
        assertThat(engine.getModelNames()).containsExactly("pump");
    }

    @Test
    void askingAboutAStoredModelDeploysIt() throws Exception {
        gateway.store("pump", SCALAR, SCALAR);
        assertThat(engine.isModelLoaded("pump")).isFalse();

        assertThat(engine.getModelInfo("pump")).isPresent();

        assertThat(engine.isModelLoaded("pump")).isTrue();
        assertThat(gateway.entries).containsOnlyKeys("io.edgewright.deployment~on-demand.pump");
    }

    @Test
    void aDeploymentThatIsConfiguredButNotThereYetIsNotMadeTwice() throws Exception {
        gateway.store("pump", SCALAR, SCALAR);
        gateway.deploys = false;
        gateway.create("io.edgewright.deployment", "operators-own", Map.of("name", "pump", "model", "pump"));

        assertThat(engine.getModelInfo("pump")).isEmpty();

        assertThat(gateway.entries).hasSize(1);
    }

    @Test
    void nothingIsDeployedWhenThatIsOff() throws Exception {
        gateway.store("pump", SCALAR, SCALAR);
        engine.change(Configs.of(KuraInference.Config.class, Map.of("deploy.on.demand", false)));

        assertThat(engine.getModelInfo("pump")).isEmpty();
        assertError(KuraErrorCode.NOT_FOUND, "pump", () -> engine.loadModel("pump", Optional.empty()));

        assertThat(gateway.entries).isEmpty();
    }

    @Test
    void loadingTwiceIsLoadingOnce() throws Exception {
        gateway.store("pump", SCALAR, SCALAR);
        engine.loadModel("pump", Optional.empty());
        engine.loadModel("pump", Optional.of("/ignored"));
        assertThat(gateway.entries).hasSize(1);
    }

    @Test
    void unloadingRemovesWhatWasMadeOnDemand() throws Exception {
        gateway.store("pump", SCALAR, SCALAR);
        assertThat(engine.getModelInfo("pump")).isPresent();

        engine.unloadModel("pump");
        engine.unloadModel("pump");

        assertThat(engine.isModelLoaded("pump")).isFalse();
        assertThat(gateway.entries).isEmpty();
    }

    @Test
    void unloadingLeavesTheDeploymentsOfOthers() throws Exception {
        gateway.store("pump", SCALAR, SCALAR);
        gateway.deploy("pump");

        assertError(KuraErrorCode.OPERATION_NOT_SUPPORTED, "pump", () -> engine.unloadModel("pump"));

        assertThat(engine.isModelLoaded("pump")).isTrue();
    }

    @Test
    void aModelThatIsNotThereIsAnsweredWithThoseThatAre() throws Exception {
        gateway.store("belt", SCALAR, SCALAR);
        assertThat(engine.getModelInfo("no/such")).isEmpty();
        assertThat(engine.getModelInfo(null)).isEmpty();
        assertThat(engine.isModelLoaded(null)).isFalse();
        assertError(KuraErrorCode.NOT_FOUND, "belt", () -> engine.loadModel("no/such", Optional.of("/tmp/x.onnx")));
    }

    @Test
    void aModelThatDoesNotServeIsNotLoaded() throws Exception {
        gateway.store("pump", SCALAR, SCALAR);
        gateway.deploy("pump").fail(Optional.of(Reason.NOT_READY));

        assertThat(engine.isModelLoaded("pump")).isFalse();
        assertThat(engine.getModelInfo("pump")).isEmpty();
        assertError(KuraErrorCode.SERVICE_UNAVAILABLE, "NOT_READY", () -> engine.loadModel("pump", Optional.empty()));
    }

    @Test
    void saysWhyADeploymentCannotBeMade() {
        gateway.store("pump", SCALAR, SCALAR);
        gateway.diskIsFull = true;
        assertError(KuraErrorCode.STORE_ERROR, "no space left", () -> engine.getModelInfo("pump"));
        engine.settings = null;
        assertError(KuraErrorCode.SERVICE_UNAVAILABLE, "io.edgewright.kura.bridge", () -> engine.getModelInfo("pump"));
    }

    @Test
    void aStoppedEngineAnswersOnlyThatItIsNotReady() throws Exception {
        gateway.store("pump", SCALAR, SCALAR);
        gateway.deploy("pump");
        ModelInfo info = engine.getModelInfo("pump").orElseThrow();
        assertThat(engine.isEngineReady()).isTrue();

        engine.close();

        assertThat(engine.isEngineReady()).isFalse();
        List<ThrowingCallable> calls = List.of(
                () -> engine.infer(info, List.of()),
                () -> engine.getModelInfo("pump"),
                () -> engine.getModelNames(),
                () -> engine.isModelLoaded("pump"),
                () -> engine.loadModel("pump", Optional.empty()),
                () -> engine.unloadModel("pump"));
        calls.forEach(call -> assertError(KuraErrorCode.SERVICE_UNAVAILABLE, "stopped", call));
    }

    @Test
    void refusesSettingsOutOfRange() {
        for (String setting : List.of("load.wait.seconds", "timeout.millis")) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> new MemoryGateway(Map.of(setting, -1)))
                    .withMessageContainingAll(setting, "-1");
        }
    }

    static void assertError(KuraErrorCode code, String part, ThrowingCallable call) {
        KuraException error = catchThrowableOfType(KuraException.class, call);
        assertThat(error).as("error of the call").isNotNull();
        assertThat(error.getCode()).isEqualTo(code);
        assertThat(error.getCause()).hasMessageContaining(part);
    }
}
