// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.plugin;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

class ElfFileTest {

    @TempDir
    Path folder;

    private static final String HERE = "amd64";

    @Test
    void takesASharedLibraryForThisProcessor() {
        assertThat(ElfFile.complaint(head(3, 62), HERE)).isEmpty();
        assertThat(ElfFile.complaint(head(3, 183), "aarch64")).isEmpty();
    }

    @Test
    void saysForWhichProcessorALibraryIs() {
        assertThat(ElfFile.complaint(head(3, 183), HERE).orElseThrow()).contains("aarch64", "expected amd64");
        assertThat(ElfFile.complaint(head(3, 40), "aarch64").orElseThrow()).contains("arm (32 bits)", "aarch64");
        assertThat(ElfFile.complaint(head(3, 9999), HERE).orElseThrow()).contains("machine 9999");
    }

    @Test
    void readsTheOrderOfBytesFromTheFile() {
        byte[] big = head(0, 0);
        big[5] = 2;
        big[17] = 3;
        big[19] = 22;
        assertThat(ElfFile.complaint(big, "s390x")).isEmpty();
    }

    @Test
    void saysWhatIsNoLibrary() {
        assertThat(ElfFile.complaint(head(2, 62), HERE).orElseThrow()).contains("no shared library");
        assertThat(ElfFile.complaint(new byte[3], HERE).orElseThrow()).contains("only 3 bytes");
        assertThat(ElfFile.complaint(text("MZ" + "a library for another system ".repeat(3)), HERE)
                        .orElseThrow())
                .contains("Windows");
        assertThat(ElfFile.complaint(text("version https://git-lfs.github.com/spec/v1" + " ".repeat(40)), HERE)
                        .orElseThrow())
                .contains("0x76657273");
        byte[] mac = new byte[64];
        mac[0] = (byte) 0xCF;
        mac[1] = (byte) 0xFA;
        mac[2] = (byte) 0xED;
        mac[3] = (byte) 0xFE;
        assertThat(ElfFile.complaint(mac, HERE).orElseThrow()).contains("macOS");
    }

    @Test
    @Timeout(30)
    void survivesAnyBytes() {
        var random = new Random(42);
        for (int i = 0; i < 20_000; i++) {
            byte[] bytes = new byte[random.nextInt(80)];
            random.nextBytes(bytes);
            if (bytes.length > 4 && random.nextBoolean()) {
                System.arraycopy(head(3, 62), 0, bytes, 0, 4);
            }
            if (ElfFile.complaint(bytes, HERE).isEmpty()) {
                assertThat(bytes.length).isGreaterThanOrEqualTo(64);
            }
        }
    }

    @Test
    @Timeout(60)
    @EnabledIfSystemProperty(named = "os.arch", matches = HERE)
    void survivesAnyFile() throws Exception {
        byte[] whole = Files.readAllBytes(NativeLibraries.build(folder, "no_device"));
        assertThat(ElfFile.complaint(folder.resolve("libno_device.so"), HERE)).isEmpty();
        var random = new Random(43);
        for (int i = 0; i < 2000; i++) {
            byte[] mutant = Arrays.copyOf(whole, random.nextInt(2) == 0 ? whole.length : random.nextInt(whole.length));
            for (int k = 0; k < 8 && mutant.length > 0; k++) {
                mutant[random.nextInt(Math.min(mutant.length, 400))] = (byte) random.nextInt(256);
            }
            ElfFile.complaint(Files.write(folder.resolve("mutant.so"), mutant), HERE)
                    .ifPresent(complaint -> assertThat(complaint).startsWith("it "));
        }
    }

    @Test
    @EnabledIfSystemProperty(named = "os.arch", matches = HERE)
    void saysThatALibraryIsCutOff() throws Exception {
        byte[] whole = Files.readAllBytes(NativeLibraries.build(folder, "no_device"));
        for (int length : new int[] {2000, 200}) {
            Path half = Files.write(folder.resolve("half.so"), Arrays.copyOf(whole, length));
            assertThat(ElfFile.complaint(half, HERE).orElseThrow()).contains("cut off", "has " + length + " bytes");
        }
    }

    private static byte[] head(int type, int machine) {
        byte[] head = new byte[64];
        byte[] magic = {0x7F, 'E', 'L', 'F', 2, 1, 1};
        System.arraycopy(magic, 0, head, 0, magic.length);
        head[16] = (byte) type;
        head[18] = (byte) machine;
        head[19] = (byte) (machine >> 8);
        return head;
    }

    private static byte[] text(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
