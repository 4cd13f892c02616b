// SPDX-License-Identifier: Apache-2.0
package io.edgewright.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.edgewright.api.tensor.Tensor;
import io.edgewright.testkit.TestModels;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TapTest {

    private static final List<Long> ONE = List.of(1L);

    @TempDir
    Path home;

    @Test
    void showsCopiesOfInferencesOnlyWhereTheSettingsAllowIt() throws Exception {
        List<String> seen = Collections.synchronizedList(new ArrayList<>());
        try (var gateway = new Gateway(home)) {
            gateway.store.put("m", "1.0.0", TestModels.add(1, ONE));
            gateway.device("sim:npu.0");
            gateway.runtime.taps(List.of((deployment, model, inputs, outputs) ->
                    seen.add(deployment + " " + first(inputs, "x") + " " + first(outputs, "y"))));
            gateway.deploy("closed");
            gateway.deploy("open", "capture.per.second", 0.001);
            gateway.awaitServing("closed", "1.0.0");
            gateway.awaitServing("open", "1.0.0");
            gateway.ask("closed", 1);
            gateway.ask("open", 2);
            gateway.ask("open", 3); // too soon after the other
            assertThat(seen).containsExactly("open 2.0 3.0");
        }
    }

    private static float first(Map<String, Tensor> tensors, String name) {
        return Objects.requireNonNull(tensors.get(name)).toFloats()[0];
    }
}
