// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.cuda;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Files as a system with NVIDIA devices shows them. */
final class FakeSystem {

    private final Path root;

    FakeSystem(Path root) {
        this.root = root;
    }

    Path root() {
        return root;
    }

    /** As NVIDIA's driver 550 writes it. */
    FakeSystem gpu(String bus, String model, String uuid) throws IOException {
        return file(
                "proc/driver/nvidia/gpus/" + bus + "/information",
                "Model: \t\t " + model + "\nIRQ:   \t\t 154\nGPU UUID: \t " + uuid
                        + "\nVideo BIOS: \t 94.06.2f.00.4e\nBus Type: \t PCIe\nDMA Size: \t 47 bits\nDMA Mask: \t 0x7fffffffffff\n"
                        + "Bus Location: \t " + bus + "\nDevice Minor: \t 0\nGPU Excluded:\t No\n");
    }

    FakeSystem driver(String version) throws IOException {
        return file(
                "proc/driver/nvidia/version",
                "NVRM version: NVIDIA UNIX x86_64 Kernel Module  " + version
                        + "  Thu Feb 22 01:44:30 UTC 2024\nGCC version:  gcc version 12.2.0 (Debian 12.2.0-14)\n");
    }

    FakeSystem pci(String bus, String vendor, String type, String driver) throws IOException {
        String folder = "sys/bus/pci/devices/" + bus;
        file(folder + "/vendor", vendor + "\n").file(folder + "/class", type + "\n");
        if (!driver.isEmpty()) {
            Path target = Files.createDirectories(root.resolve("sys/bus/pci/drivers/" + driver));
            Files.createSymbolicLink(root.resolve(folder + "/driver"), target);
        }
        return this;
    }

    /** {@return a folder with files that look like the libraries, as long as nobody loads them} */
    Path natives(Path folder) throws IOException {
        Files.createDirectories(folder);
        byte[] header = new byte[64];
        System.arraycopy(new byte[] {0x7f, 'E', 'L', 'F', 2, 1, 1}, 0, header, 0, 7);
        header[18] = (byte) (System.getProperty("os.arch").equals("aarch64") ? 183 : 62);
        byte[] version = "VERS_1.29.0\0".getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(version, 0, header, 30, version.length);
        for (String library :
                List.of("libonnxruntime.so", "libonnxruntime4j_jni.so", "libonnxruntime_providers_cuda.so")) {
            Files.write(folder.resolve(library), header);
        }
        return folder;
    }

    FakeSystem file(String path, String content) throws IOException {
        Path file = root.resolve(path);
        Files.createDirectories(file.getParent());
        Files.write(file, content.getBytes(StandardCharsets.ISO_8859_1));
        return this;
    }
}
