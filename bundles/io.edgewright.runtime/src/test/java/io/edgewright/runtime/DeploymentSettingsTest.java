// SPDX-License-Identifier: Apache-2.0
package io.edgewright.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.edgewright.testkit.Configs;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DeploymentSettingsTest {

    @Test
    void takesOptionsOfDrivers() {
        DeploymentSettings settings = settings("cpu.arena = true", "remote.model=a=b");
        assertThat(settings.load().options())
                .containsExactly(Map.entry("cpu.arena", "true"), Map.entry("remote.model", "a=b"));
        assertThat(settings("").load().options()).isEmpty(); // what a form makes of an empty field
        assertThat(settings("remote.model=a=b", "cpu.arena=true")).hasToString(settings.toString());
    }

    @Test
    void refusesOptionsOfNoDriver() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> settings("arena=true"))
                .withMessageContainingAll("driver option 'arena=true'", "driver.key=value");
    }

    private static DeploymentSettings settings(String... options) {
        return DeploymentSettings.of(
                Configs.of(Deployment.Config.class, Map.of("name", "d", "model", "m", "driver.options", options)));
    }
}
