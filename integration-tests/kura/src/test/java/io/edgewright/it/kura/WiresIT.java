// SPDX-License-Identifier: Apache-2.0
package io.edgewright.it.kura;

import static org.assertj.core.api.Assertions.assertThat;

import io.edgewright.it.kura.probe.ModelProbe;
import io.edgewright.it.kura.probe.WiresProbe;
import io.edgewright.vision.Picture;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Our wire components in Kura's wire graph. */
class WiresIT {

    private static final Path[] BUNDLES = Stream.of(
                    "api",
                    "kura.bridge",
                    "onnx",
                    "onnxruntime",
                    "vision",
                    "isolation",
                    "store.local",
                    "accelerator.cpu",
                    "runtime",
                    "kura.wires")
            .map(name -> Gateway.bundle("io.edgewright." + name))
            .toArray(Path[]::new);

    private static final Map<String, Object> ALARM =
            Map.of("event.topic", "drift/wear/alarm", "event.time", 0L, "input", "temperature", "psi", 0.31);

    @TempDir
    Path folder;

    @Test
    void inferenceKeepsItsWiresThroughAllThatComesAndGoes() throws Exception {
        try (Gateway gateway = Gateway.start(folder, BUNDLES)) {
            gateway.call(ModelProbe.class, "store", "wear", Models.regression(folder), Map.of());
            gateway.call(ModelProbe.class, "deploy", "wear");
            gateway.call(WiresProbe.class, "inferenceKeepsItsWires", "wear");
        }
    }

    @Test
    void aDriftAlarmIsARecord() throws Exception {
        assertThat(driftAlarm("drift", Map.of("deployments", "wear"))).isEqualTo(ALARM);
    }

    @Test
    void aGraphFromBeforeDriftHadAComponentOfItsOwnGoesOn() throws Exception {
        assertThat(driftAlarm("events", Map.of("kind", "drift"))).isEqualTo(ALARM);
    }

    private Map<String, Object> driftAlarm(String component, Map<String, Object> settings) throws Exception {
        try (Gateway gateway = Gateway.start(folder, BUNDLES)) {
            return gateway.call(WiresProbe.class, "driftAlarm", component, settings);
        }
    }

    @Test
    void aCameraAndAModelNameAKitten() throws Exception {
        Path squeezenet = Models.squeezenet();
        Picture kitten = Models.kitten();
        byte[] pixels = new byte[kitten.bgr().limit()];
        kitten.bgr().get(0, pixels);
        try (Gateway gateway = Gateway.start(folder, BUNDLES)) {
            gateway.call(ModelProbe.class, "store", "squeezenet", squeezenet, Models.squeezenetProperties());
            gateway.call(ModelProbe.class, "deploy", "squeezenet");
            for (String format : new String[] {"jpeg", "bgr"}) {
                assertThat(gateway.<String>call(
                                WiresProbe.class,
                                "seen",
                                "squeezenet",
                                kitten.width(),
                                kitten.height(),
                                pixels,
                                format))
                        .contains("tabby");
            }
        }
    }
}
