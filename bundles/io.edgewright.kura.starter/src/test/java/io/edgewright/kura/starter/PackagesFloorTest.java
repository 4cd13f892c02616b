// SPDX-License-Identifier: Apache-2.0
package io.edgewright.kura.starter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.Version;

class PackagesFloorTest {

    private static final Map<String, Version> INSTALLED = Map.of(
            "edgewright-core.platform", new Version("0.3.0"),
            "edgewright-sim.guard", new Version("0.2.0.SNAPSHOT"));

    @TempDir
    Path home;

    @Test
    void theFloorIsAFileUntilItIsTakenAway() throws Exception {
        Path file = home.resolve("new/packages.floor");
        PackagesFloor.keep("", INSTALLED, file);
        PackagesFloor.keep("0.2", INSTALLED, file);
        assertThat(file).hasContent("0.2.0");
        PackagesFloor.keep("", INSTALLED, file);
        assertThat(file).doesNotExist();
    }

    @Test
    void aWrongFloorLeavesTheOneThatIsThere() throws Exception {
        Path file = home.resolve("packages.floor");
        PackagesFloor.keep("0.1.0", INSTALLED, file);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PackagesFloor.keep("0.3.0", INSTALLED, file))
                .withMessageContainingAll("0.3.0", "0.2.0.SNAPSHOT", "edgewright-sim");
        assertThatIllegalArgumentException().isThrownBy(() -> PackagesFloor.keep("new", INSTALLED, file));
        assertThat(file).hasContent("0.1.0");
    }
}
