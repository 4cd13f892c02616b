// SPDX-License-Identifier: Apache-2.0
package io.edgewright.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.edgewright.api.model.ModelId;
import io.edgewright.api.model.ModelManifest;
import io.edgewright.runtime.LoadFailure.Fault;
import io.edgewright.testkit.Configs;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class MemoryAdmissionTest {

    private static final long MIB = 1 << 20;

    private long available = 1000 * MIB;

    private final MemoryAdmission memory = new MemoryAdmission(
            new MemoryAdmission.Reader() {
                @Override
                public long availableBytes() {
                    return available;
                }

                @Override
                public long residentBytes() {
                    return 0;
                }
            },
            () -> RuntimeSettings.of(Configs.of(EdgeRuntime.Config.class, Map.of("memory.margin.mib", 0))));

    @Test
    void modelsLoadedAtOnceDoNotCountOnTheSameMemory() throws Exception {
        long first = memory.admit(model("a", 200)); // three times its size
        assertThat(first).isEqualTo(600 * MIB);
        assertThatExceptionOfType(LoadFailure.class)
                .isThrownBy(() -> memory.admit(model("b", 200)))
                .withMessageContaining("400 MiB are available")
                .satisfies(e -> assertThat(e.fault()).isEqualTo(Fault.MEMORY));
        memory.loaded(first);
        memory.loaded(memory.admit(model("b", 200)));
    }

    @Test
    void whatIsMeasuredWhileOthersLoadIsNoModelsOwn() throws Exception {
        long first = memory.admit(model("a", 100));
        long second = memory.admit(model("b", 100));
        memory.measured(model("a", 100), 800 * MIB);
        memory.loaded(second);
        memory.measured(model("a", 100), 800 * MIB);
        memory.loaded(first);
        assertThat(memory.admit(model("a", 100))).isEqualTo(300 * MIB);
        memory.measured(model("a", 100), 500 * MIB);
        memory.loaded(300 * MIB);
        assertThat(memory.admit(model("a", 100))).isEqualTo(500 * MIB);
    }

    private static ModelManifest model(String name, long mib) {
        return new ModelManifest(
                ModelId.of(name, "1.0.0"),
                "onnx",
                "model.onnx",
                name.repeat(64),
                mib * MIB,
                List.of(),
                List.of(),
                Map.of(),
                Map.of());
    }
}
