// SPDX-License-Identifier: Apache-2.0
package io.edgewright.onnxruntime;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NativeFolderTest {

    private static final int X86_64 = 62;
    private static final int AARCH64 = 183;

    @TempDir
    Path folder;

    @Test
    void takesACompleteFolderOfThisPlatformAndVersion() throws Exception {
        write("libonnxruntime.so", X86_64, "");
        write("libonnxruntime4j_jni.so", X86_64, "VERS_1.29.0");
        var natives = NativeFolder.of(folder.toString());
        assertThat(natives.problem("linux-x64", "1.29.0")).isEmpty();
        assertThat(natives.problem("linux-x64", "")).isEmpty();
        assertThat(natives.flavour()).isEqualTo(OrtFlavour.CPU);
        write("libonnxruntime_providers_cuda.so", X86_64, "");
        assertThat(natives.flavour()).isEqualTo(OrtFlavour.GPU);
    }

    @Test
    void saysWhatIsWrongBeforeAnythingIsLoaded() throws Exception {
        var natives = NativeFolder.of(folder.resolve("libs").toString());
        assertThat(natives.problem("linux-x64", "1.29.0")).contains("libs is no folder", "libonnxruntime4j_jni.so");

        natives = NativeFolder.of(folder.toString());
        assertThat(natives.problem("linux-x64", "1.29.0")).contains("libonnxruntime.so cannot be read");

        write("libonnxruntime.so", AARCH64, "");
        write("libonnxruntime4j_jni.so", AARCH64, "VERS_1.28.0");
        assertThat(natives.problem("linux-x64", "1.29.0"))
                .contains("libonnxruntime.so is built for linux-aarch64, expected linux-x64");
        assertThat(natives.problem("linux-aarch64", "1.29.0"))
                .contains("libonnxruntime4j_jni.so belongs to another version", "expected 1.29.0");
        assertThat(natives.problem("linux-aarch64", "1.28")).contains("another version"); // 1.28 is not 1.28.0

        write("libonnxruntime.so", 243, "");
        assertThat(natives.problem("linux-x64", "1.29.0")).contains("built for ELF machine 243");

        Files.writeString(folder.resolve("libonnxruntime.so"), "<html>404 not found, sorry</html>");
        assertThat(natives.problem("linux-x64", "1.29.0")).contains("no ELF file");
        Files.writeString(folder.resolve("libonnxruntime.so"), "");
        assertThat(natives.problem("linux-x64", "1.29.0")).contains("no ELF file of 0 bytes");
    }

    private void write(String library, int machine, String text) throws Exception {
        var out = new ByteArrayOutputStream();
        out.write(new byte[] {0x7f, 'E', 'L', 'F', 2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3, 0});
        out.write(machine);
        out.write(0);
        out.write(text.getBytes(StandardCharsets.US_ASCII));
        out.write(0);
        Files.write(folder.resolve(library), out.toByteArray());
    }
}
