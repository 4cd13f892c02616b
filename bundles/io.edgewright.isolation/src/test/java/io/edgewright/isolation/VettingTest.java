// SPDX-License-Identifier: Apache-2.0
package io.edgewright.isolation;

import static org.assertj.core.api.Assertions.assertThat;

import io.edgewright.api.accelerator.InferenceException.Reason;
import io.edgewright.api.isolation.EngineSpec;
import io.edgewright.testkit.FileModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class VettingTest extends Fixture {

    private static final EngineSpec SPEC = Echo.spec(Map.of());

    /** An engine of the same fingerprint that does not even start: only a kept verdict helps. */
    private static final EngineSpec DEAD = Echo.spec(Map.of("start", "exit"));

    @Test
    void remembersThatAModelDidNoHarm() throws Exception {
        FileModel model = model("identity");
        isolation.vet(SPEC, model, "");
        assertThat(verdicts()).containsExactly("passed");
        strict().vet(DEAD, model, "");
    }

    @Test
    void triesAgainWhatOnlyHalfAVerdictIsKnownOf() throws Exception {
        FileModel model = model("identity");
        isolation.vet(SPEC, model, "");
        try (Stream<Path> files = Files.list(home.resolve("variants/vetted"))) {
            Files.writeString(files.findFirst().orElseThrow(), "pas");
        }
        isolation.vet(SPEC, model, "");
        assertThat(verdicts()).containsExactly("passed");
    }

    @ParameterizedTest
    @ValueSource(strings = {"load-segfault", "run-segfault"})
    void remembersTheSignalThatAModelBrought(String what) throws Exception {
        FileModel model = model(what);
        assertFails(Reason.MODEL_INVALID, () -> isolation.vet(SPEC, model, ""), what + ":1.0.0", "SIGSEGV");
        assertThat(verdicts()).singleElement().asString().contains("SIGSEGV");
        assertFails(Reason.MODEL_INVALID, () -> isolation.vet(DEAD, model, ""), "SIGSEGV");
    }

    @ParameterizedTest
    @ValueSource(strings = {"load-exit", "run-exit"})
    void doesNotLetAModelEndTheProcess(String what) throws Exception {
        assertFails(Reason.MODEL_INVALID, () -> isolation.vet(SPEC, model(what), ""), "exit code 7");
    }

    @ParameterizedTest
    @ValueSource(strings = {"load-unsupported", "load-throw", "run-throw", "fail", "slot-refuse"})
    void leavesErrorsThatTheEngineReportsToTheLoad(String what) throws Exception {
        isolation.vet(SPEC, model(what), "");
    }

    @Test
    void refusesWhatTakesTooMuchMemoryWithoutHoldingItAgainstTheModel() throws Exception {
        EngineSpec spec = Echo.spec(Map.of(), Duration.ofSeconds(60), 200 << 20);
        assertFails(Reason.MODEL_INVALID, () -> isolation.vet(spec, model("load-eat"), ""), "200 MiB");
        assertThat(verdicts()).isEmpty();
    }

    @Test
    void refusesWhatDoesNotComeBackWithoutHoldingItAgainstTheModel() throws Exception {
        EngineSpec spec = Echo.spec(Map.of(), Duration.ofSeconds(8), 1L << 30);
        assertFails(Reason.MODEL_INVALID, () -> isolation.vet(spec, model("run-hang"), ""), "not done after 8 s");
        assertThat(verdicts()).isEmpty();
    }

    @Test
    void cutsOffARunThatTakesLong() throws Exception {
        isolation.vet(Echo.spec(Map.of(), Duration.ofSeconds(10), 1L << 30), model("long"), "");
        assertThat(verdicts()).containsExactly("passed");
    }

    @Test
    void triesAgainWhatHasChanged() throws Exception {
        FileModel model = model("identity");
        isolation.vet(SPEC, model, "");
        Files.write(model.path(), EchoEngine.model("load-exit", io.edgewright.api.tensor.ElementType.INT8, ONE, ONE));
        assertFails(Reason.MODEL_INVALID, () -> isolation.vet(SPEC, model, ""), "exit code 7");
    }

    @Test
    void goesOnUntriedUnlessThatIsForbidden() throws Exception {
        FileModel model = model("identity");
        isolation.vet(DEAD, model, "");
        assertThat(verdicts()).isEmpty();
        assertFails(Reason.DEVICE_UNAVAILABLE, () -> strict().vet(DEAD, model, ""), "required", "exit code 7");
    }

    @Test
    void saysThatAFileIsGone() throws Exception {
        FileModel model = model("identity");
        Files.delete(model.path());
        assertFails(Reason.MODEL_INVALID, () -> isolation.vet(SPEC, model, ""), "cannot be read");
    }

    private ProcessIsolation strict() {
        return new ProcessIsolation(home, true, Duration.ofMillis(500));
    }

    private List<String> verdicts() throws IOException {
        Path folder = home.resolve("variants/vetted");
        if (!Files.exists(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            List<String> texts = new java.util.ArrayList<>();
            for (Path file : files.toList()) {
                texts.add(Files.readString(file).strip());
            }
            return texts;
        }
    }
}
