// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.litert;

import io.edgewright.api.accelerator.AcceleratorKind;
import java.util.Arrays;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/** What is known of a vendor's delegate. */
enum DelegatePreset {
    /** Google Coral, USB or PCIe. */
    EDGETPU(
            "libedgetpu.so.1",
            AcceleratorKind.TPU,
            "Google",
            "install the package libedgetpu1-std from Coral's repository (coral.ai/software)",
            Set.of("device", "Performance", "Usb.AlwaysDfu", "Usb.MaxBulkInQueueLength")),

    /** Arm Ethos-U on NXP i.MX 93. */
    ETHOSU(
            "libethosu_delegate.so",
            AcceleratorKind.NPU,
            "Arm",
            "install the Ethos-U delegate of the board's Linux image, and see that /dev/ethosu0 is there",
            Set.of()),

    /** VeriSilicon's NPUs by TIM-VX, as on NXP i.MX 8M Plus. */
    VX(
            "libvx_delegate.so",
            AcceleratorKind.NPU,
            "VeriSilicon",
            "install the VX delegate of the board's Linux image, with TIM-VX and the galcore kernel module",
            Set.of()),

    /** Arm Mali by Arm NN. */
    ARMNN(
            "libarmnnDelegate.so",
            AcceleratorKind.GPU,
            "Arm",
            "install Arm NN with its TensorFlow Lite delegate (developer.arm.com), and set the option backends, such as GpuAcc",
            Set.of()),

    /** Anything else with the same two entry points. */
    GENERIC("", AcceleratorKind.NPU, "", "install the vendor's external delegate for TensorFlow Lite", Set.of());

    private final String library;
    private final AcceleratorKind kind;
    private final String vendor;
    private final String hint;
    private final Set<String> options;

    DelegatePreset(String library, AcceleratorKind kind, String vendor, String hint, Set<String> options) {
        this.library = library;
        this.kind = kind;
        this.vendor = vendor;
        this.hint = hint;
        this.options = options;
    }

    /** {@return the library's usual name; empty if there is none} */
    String library() {
        return library;
    }

    AcceleratorKind kind() {
        return kind;
    }

    String vendor() {
        return vendor;
    }

    /** {@return what to install where it is missing} */
    String hint() {
        return hint;
    }

    /** {@return the options that it has; empty if they are not known here} */
    Set<String> options() {
        return options;
    }

    /** {@return the preset of this name} */
    static DelegatePreset of(String name) {
        return Arrays.stream(values())
                .filter(p -> p.name().equals(name.toUpperCase(Locale.ROOT)))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("preset is '%s', expected one of %s"
                        .formatted(
                                name,
                                Arrays.stream(values())
                                        .map(p -> p.name().toLowerCase(Locale.ROOT))
                                        .collect(Collectors.joining(", ")))));
    }
}
