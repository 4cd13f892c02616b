// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import io.edgewright.accelerator.cuda.NvidiaSmi.Facts;
import org.junit.jupiter.api.Test;

class NvidiaSmiTest {

    @Test
    void readsMemoryAndComputeCapability() {
        assertThat(NvidiaSmi.parse("00000000:17:00.0, 15360, 7.5\n00000000:B3:00.0, 6138, 8.6\n"))
                .containsOnlyKeys("0000:17:00.0", "0000:b3:00.0")
                .containsEntry("0000:17:00.0", new Facts(15_360L << 20, "7.5"))
                .containsEntry("0000:b3:00.0", new Facts(6_138L << 20, "8.6"));
    }

    @Test
    void leavesOpenWhatItDoesNotTell() {
        assertThat(NvidiaSmi.parse("00000000:01:00.0, [N/A], [Not Supported]"))
                .containsEntry("0000:01:00.0", Facts.NONE);
        assertThat(NvidiaSmi.parse("NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver.\n"))
                .isEmpty();
        assertThat(NvidiaSmi.parse("00000000:01:00.0, 99999999999999999999, 8.6"))
                .containsEntry("0000:01:00.0", new Facts(0, "8.6"));
    }
}
