// SPDX-License-Identifier: Apache-2.0
package io.edgewright.packages.guard;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.Version;

class GuardTest {

    @Test
    void aFloorThatIsMissingOrDamagedRefusesNothing(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("packages.floor");
        assertThat(Guard.floor(file)).isEqualTo(Version.emptyVersion);
        Files.write(file, new byte[] {0, (byte) 0xff, 'x'});
        assertThat(Guard.floor(file)).isEqualTo(Version.emptyVersion);
        Files.writeString(file, "0.2.0\n");
        assertThat(Guard.floor(file)).isEqualTo(new Version("0.2.0"));
    }
}
