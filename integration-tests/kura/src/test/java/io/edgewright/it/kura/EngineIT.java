// SPDX-License-Identifier: Apache-2.0
package io.edgewright.it.kura;

import static org.assertj.core.api.Assertions.assertThat;

import io.edgewright.it.kura.probe.EngineProbe;
import io.edgewright.it.kura.probe.ModelProbe;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Kura's AI component, as it is, with our engine. */
class EngineIT {

    private static final Path[] BUNDLES = Stream.of(
                    "api",
                    "kura.bridge",
                    "onnx",
                    "onnxruntime",
                    "isolation",
                    "store.local",
                    "accelerator.cpu",
                    "runtime",
                    "kura.inference")
            .map(name -> Gateway.bundle("io.edgewright." + name))
            .toArray(Path[]::new);

    private static final Map<String, Object> RECORD = Map.of("temperature", 20.5f, "flow", 1f);

    @TempDir
    Path folder;

    @Test
    void aScalarRegressionIsDeployedOnDemandAndSurvivesARestart() throws Exception {
        List<Map<String, Object>> answer = List.of(Map.of("wear", 41f));
        try (Gateway gateway = Gateway.start(folder, BUNDLES)) {
            gateway.call(ModelProbe.class, "store", "wear", Models.regression(folder), Map.of());
            assertThat(ask(gateway, RECORD, "wear")).isEqualTo(answer);
            assertThat(ask(gateway, Map.of("temperature", 20.5, "flow", 1), "wear"))
                    .isEqualTo(answer);
            assertThat(configured(gateway)).containsExactly("on-demand.wear");
        }
        try (Gateway gateway = Gateway.start(folder, BUNDLES)) {
            gateway.call(ModelProbe.class, "serving", "wear");
            assertThat(ask(gateway, RECORD, "wear")).isEqualTo(answer);
            gateway.call(EngineProbe.class, "unload", "wear");
            assertThat(configured(gateway)).isEmpty();
        }
    }

    @Test
    void aPictureGoesThroughAModelAndItsPostProcessor() throws Exception {
        Path squeezenet = Models.squeezenet();
        try (Gateway gateway = Gateway.start(folder, BUNDLES)) {
            gateway.call(ModelProbe.class, "store", "squeezenet", squeezenet, Map.of());
            gateway.call(ModelProbe.class, "store", "best", Models.best(folder), Map.of());
            gateway.call(ModelProbe.class, "deploy", "squeezenet");
            Map<String, Object> record = Map.of("data_0", Models.asInput(Models.kitten()));
            assertThat(ask(gateway, record, "squeezenet", "best")).isEqualTo(List.of(Map.of("class", 281L)));
            // its own rule: a vector cannot leave
            assertThat(refusal(gateway, record, "squeezenet")).startsWith("IO_ERROR");
        }
    }

    @Test
    void whatCannotBeAnsweredIsSaid() throws Exception {
        try (Gateway gateway = Gateway.start(folder, BUNDLES)) {
            gateway.call(ModelProbe.class, "store", "wear", Models.regression(folder), Map.of());
            assertThat(gateway.<List<String>>call(EngineProbe.class, "names")).containsExactly("wear");
            assertThat(refusal(gateway, RECORD, "no/such")).startsWith("INVALID_PARAMETER");
            assertThat(refusal(gateway, Map.of("temperature", 1f), "wear")).startsWith("NOT_FOUND");
            assertThat(refusal(gateway, Map.of("temperature", "hot", "flow", 1f), "wear"))
                    .startsWith("INVALID_PARAMETER")
                    .contains("temperature", "String");
            assertThat(refusal(gateway, Map.of("temperature", new byte[6], "flow", 1f), "wear"))
                    .contains("6 bytes");
            assertThat(ask(gateway, RECORD, "wear")).isEqualTo(List.of(Map.of("wear", 41f)));
        }
    }

    @Test
    void theEngineGoesAndComesBackUnderLoad() throws Exception {
        try (Gateway gateway = Gateway.start(folder, BUNDLES)) {
            gateway.call(ModelProbe.class, "store", "wear", Models.regression(folder), Map.of());
            gateway.call(ModelProbe.class, "deploy", "wear");
            assertThat(gateway.<List<String>>call(EngineProbe.class, "uninstallUnderLoad", RECORD, "wear"))
                    .isEmpty();
        }
    }

    private static List<Map<String, Object>> ask(Gateway gateway, Map<String, Object> record, String... models)
            throws Exception {
        return gateway.call(EngineProbe.class, "ask", record, models);
    }

    private static String refusal(Gateway gateway, Map<String, Object> record, String... models) throws Exception {
        return gateway.call(EngineProbe.class, "refusal", record, models);
    }

    private static List<String> configured(Gateway gateway) throws Exception {
        return gateway.call(EngineProbe.class, "configured");
    }
}
