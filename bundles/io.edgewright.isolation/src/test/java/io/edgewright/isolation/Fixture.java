// SPDX-License-Identifier: Apache-2.0
package io.edgewright.isolation;

import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.accelerator.InferenceException.Reason;
import io.edgewright.api.accelerator.LoadOptions;
import io.edgewright.api.accelerator.ModelSession;
import io.edgewright.api.isolation.EngineSpec;
import io.edgewright.api.tensor.ElementType;
import io.edgewright.testkit.FileModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A service for a test, with nothing left of it afterwards. */
@Timeout(120)
abstract class Fixture {

    static final List<Long> ONE = List.of(1L);

    @TempDir
    Path home;

    @TempDir
    Path models;

    ProcessIsolation isolation;

    @BeforeEach
    void startService() {
        isolation = new ProcessIsolation(home);
    }

    @AfterEach
    void stopService() throws Exception {
        isolation.close();
        Children.assertNone();
        Children.assertNothingLeft(home);
    }

    FileModel model(String what) throws IOException {
        return model(what, ONE, ONE);
    }

    FileModel model(String what, List<Long> x, List<Long> y) throws IOException {
        return FileModel.write(models, what + ".echo", "echo", EchoEngine.model(what, ElementType.FLOAT32, x, y));
    }

    ModelSession open(EngineSpec spec, FileModel model) throws InferenceException {
        return isolation.open(spec, model, "", LoadOptions.DEFAULT);
    }

    static void assertFails(Reason reason, ThrowingCallable call, String... words) {
        assertThatExceptionOfType(InferenceException.class)
                .isThrownBy(call)
                .withMessageContainingAll(words)
                .satisfies(e ->
                        org.assertj.core.api.Assertions.assertThat(e.reason()).isEqualTo(reason));
    }
}
