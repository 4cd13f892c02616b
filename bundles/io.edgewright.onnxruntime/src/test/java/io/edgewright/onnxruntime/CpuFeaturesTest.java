// SPDX-License-Identifier: Apache-2.0
package io.edgewright.onnxruntime;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CpuFeaturesTest {

    @TempDir
    Path folder;

    @Test
    void keepsWhatKernelsAreChosenBy() throws Exception {
        Path x86 = Files.writeString(
                folder.resolve("x86"),
                "processor\t: 0\nflags\t\t: fpu smep avx2 fma avx512_vnni sse4_2 avx2\nprocessor\t: 1\nflags\t: fpu\n");
        assertThat(CpuFeatures.read(x86)).isEqualTo("avx2,avx512_vnni,fma,sse4_2");
        Path arm = Files.writeString(folder.resolve("arm"), "Features\t: fp asimd aes asimddp i8mm\n");
        assertThat(CpuFeatures.read(arm)).isEqualTo("asimd,asimddp,i8mm");
    }

    @Test
    void isSilentWhereTheSystemDoesNotTell() {
        assertThat(CpuFeatures.read(folder.resolve("absent"))).isEmpty();
    }
}
