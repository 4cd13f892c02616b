// SPDX-License-Identifier: Apache-2.0
package io.edgewright.shell;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DeviceSetupTest {

    @Test
    void readsSeveralDevices() {
        assertThat(DeviceSetup.parse("a.sim~npu device.id=sim:npu  kind=NPU; a.cpu x=1=2"))
                .containsExactly(
                        new DeviceSetup("a.sim", "npu", Map.of("device.id", "sim:npu", "kind", "NPU")),
                        new DeviceSetup("a.cpu", "", Map.of("x", "1=2")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a b", "a =1", "a~ x=1", "a;", "a/b x=1"})
    void saysWhatADeviceLooksLike(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> DeviceSetup.parse(text))
                .withMessageContaining("PID[~NAME] KEY=VALUE");
    }
}
