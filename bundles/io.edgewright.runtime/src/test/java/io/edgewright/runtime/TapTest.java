// SPDX-License-Identifier: Apache-2.0
package io.edgewright.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.edgewright.api.inference.InferenceTap;
import io.edgewright.api.model.ModelManifest;
import io.edgewright.api.tensor.Tensor;
import io.edgewright.testkit.TestModels;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
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
            gateway.runtime.addTap((deployment, model, inputs, outputs) ->
                    seen.add(deployment + " " + first(inputs, "x") + " " + first(outputs, "y")));
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

    @Test
    void aRequestIsAnsweredThoughItCouldNotBeCopiedForWhoLooks() throws Exception {
        var driver = new OddDriver("odd", true);
        try (var gateway = new Gateway(home)) {
            gateway.store.put("m", "1.0.0", TestModels.add(1, ONE));
            gateway.runtime.addDriver(driver);
            gateway.runtime.addTap((deployment, model, inputs, outputs) -> {});
            gateway.deploy("d", "capture.per.second", 1000);
            gateway.awaitServing("d", "1.0.0");
            driver.onRun = () -> driver.onInput = () -> {
                throw new IllegalStateException("it shows inputs before a run only");
            };
            assertThat(gateway.ask("d", 1)).isEqualTo(2);
        }
    }

    @Test
    void whoLooksIsToldWhatTheOperatorAllows() throws Exception {
        var early = new Listener();
        var late = new Listener();
        try (var gateway = new Gateway(home)) {
            gateway.runtime.addTap(early);
            Deployment open = gateway.deploy("open", "capture.per.second", 1, "capture.keep", "disk", "capture.mib", 2);
            early.await("open DISK 2097152");
            gateway.runtime.addTap(late);
            late.await("open DISK 2097152");
            gateway.change("open", "capture.per.second", 1);
            early.await("open MEMORY 67108864");
            gateway.change("open", "capture.per.second", 0);
            early.await("open NOWHERE 67108864");
            open.deactivate(4); // deleted
            late.await("open NOWHERE 1");
        }
    }

    /** Remembers what it was told. */
    private static final class Listener implements InferenceTap {

        private final List<String> told = new CopyOnWriteArrayList<>();

        @Override
        public void take(String name, ModelManifest model, Map<String, Tensor> inputs, Map<String, Tensor> outputs) {
            // not looked at
        }

        @Override
        public void allow(String deployment, Allowance allowance) {
            told.add(deployment + " " + allowance.place() + " " + allowance.mostBytes());
        }

        void await(String expected) throws Exception {
            Await.until("told " + expected + " among " + told, () -> told.contains(expected));
        }
    }

    private static float first(Map<String, Tensor> tensors, String name) {
        return Objects.requireNonNull(tensors.get(name)).toFloats()[0];
    }
}
