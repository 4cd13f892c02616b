// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import io.edgewright.accelerator.cuda.NvidiaHost.Gpu;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NvidiaHostTest {

    @TempDir
    Path root;

    private FakeSystem system;

    @BeforeEach
    void empty() {
        system = new FakeSystem(root);
    }

    @Test
    void findsNothingWhereThereIsNothing() {
        NvidiaHost host = NvidiaHost.read(root);
        assertThat(host.candidates()).isZero();
        assertThat(Advice.forHost(host, "amd64"))
                .contains("no NVIDIA device", "/dev/nvidia0", "/proc/driver/nvidia", "--gpus all");
    }

    @Test
    void listsDevicesByBus() throws Exception {
        system.driver("550.54.15")
                .gpu("0000:b3:00.0", "NVIDIA RTX A2000", "GPU-8c2e7d6a-0a11-4b1f-9e7c-111111111111")
                .gpu("0000:17:00.0", "Tesla T4", "GPU-????????-????-????-????-????????????")
                .file("dev/nvidia0", "")
                .file("dev/nvidia1", "")
                .file("dev/nvidiactl", "")
                .file("dev/nvidia-uvm", "");
        NvidiaHost host = NvidiaHost.read(root);
        assertThat(host.gpus())
                .containsExactly(
                        new Gpu("0000:17:00.0", "Tesla T4", ""),
                        new Gpu("0000:b3:00.0", "NVIDIA RTX A2000", "GPU-8c2e7d6a-0a11-4b1f-9e7c-111111111111"));
        assertThat(host.driver()).isEqualTo("550.54.15");
        assertThat(host.nodes()).isEqualTo(2);
        assertThat(host.candidates()).isEqualTo(2);
        assertThat(Advice.forHost(host, "amd64")).isEmpty();
    }

    @Test
    void readsTheVersionOfTheOpenDriver() throws Exception {
        system.file(
                "proc/driver/nvidia/version",
                "NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  560.35.03  Release Build  (dvs-builder@U16)\n");
        assertThat(NvidiaHost.read(root).driver()).isEqualTo("560.35.03");
    }

    @Test
    void leavesOutADeviceThatTheDriverExcludes() throws Exception {
        system.file("proc/driver/nvidia/gpus/0000:17:00.0/information", "Model: \t\t Tesla T4\nGPU Excluded:\t Yes\n");
        assertThat(NvidiaHost.read(root).gpus()).isEmpty();
    }

    @Test
    void seesADeviceInAContainerThatShowsItsNodeOnly() throws Exception {
        system.file("dev/nvidia0", "");
        NvidiaHost host = NvidiaHost.read(root);
        assertThat(host.candidates()).isOne();
        assertThat(host.gpu(0)).isEqualTo(new Gpu("", "", ""));
    }

    @Test
    void namesADeviceThatHasNoDriver() throws Exception {
        system.pci("0000:00:02.0", "0x8086", "0x030000", "i915")
                .pci("0000:01:00.0", "0x10de", "0x030000", "nouveau")
                .pci("0000:01:00.1", "0x10de", "0x040300", "snd_hda_intel");
        NvidiaHost host = NvidiaHost.read(root);
        assertThat(host.idle()).containsExactly("0000:01:00.0");
        assertThat(Advice.forHost(host, "amd64"))
                .contains("PCI 0000:01:00.0", "nouveau drives it", "install NVIDIA's driver 525");
    }

    @Test
    void namesADeviceThatNobodyDrives() throws Exception {
        system.pci("0000:65:00.0", "0x10de", "0x030200", "");
        assertThat(Advice.forHost(NvidiaHost.read(root), "amd64")).contains("no driver is loaded for it");
    }

    @Test
    void saysThatADriverWithoutDevicesHasLostThem() throws Exception {
        system.driver("535.129.03");
        assertThat(Advice.forHost(NvidiaHost.read(root), "amd64"))
                .contains("535.129.03 is loaded and lists no device", "fallen off the bus");
    }

    @Test
    void knowsAJetson() throws Exception {
        system.file("proc/device-tree/model", "NVIDIA Jetson Orin Nano Developer Kit\0")
                .file("dev/nvhost-ctrl-gpu", "");
        NvidiaHost host = NvidiaHost.read(root);
        assertThat(host.jetson()).isEqualTo("NVIDIA Jetson Orin Nano Developer Kit");
        assertThat(host.candidates()).isOne();
        assertThat(Advice.forNatives("", "", host, "aarch64"))
                .contains("Jetson Orin Nano", "never tried by us", "--use_cuda --build_java", "JetPack");
    }

    @Test
    void takesNoOtherBoardForAJetson() throws Exception {
        system.file("proc/device-tree/model", "Raspberry Pi 5 Model B Rev 1.0\0");
        assertThat(NvidiaHost.read(root).jetson()).isEmpty();
    }

    @Test
    void triesTheDeviceOfAWindowsSubsystem() throws Exception {
        system.file("dev/dxg", "");
        assertThat(NvidiaHost.read(root).candidates()).isOne();
    }
}
