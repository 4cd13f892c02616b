// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.cuda;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What the system tells of NVIDIA devices in its files, without loading anything: {@code /proc/driver/nvidia} (chapter "The
 * /proc interface" of the driver's README), the device nodes, the PCI bus and the device tree. That a device is listed here does
 * not yet mean that it works.
 *
 * @param gpus the devices that the driver lists, by bus; this is how CUDA counts with {@code CUDA_DEVICE_ORDER=PCI_BUS_ID}
 * @param driver the version of the kernel's driver, such as {@code 550.54.15}; empty if none is loaded
 * @param nodes how many of {@code /dev/nvidia0} and so on there are
 * @param idle display controllers of NVIDIA on the PCI bus, by bus
 * @param kernelDriver what drives the first of those, such as {@code nouveau}; empty if nothing does
 * @param jetson the model of a Jetson board; empty on other machines
 * @param windowsSubsystem true inside the Windows subsystem for Linux, where the devices are Windows's
 */
record NvidiaHost(
        List<Gpu> gpus,
        String driver,
        int nodes,
        List<String> idle,
        String kernelDriver,
        String jetson,
        boolean windowsSubsystem) {

    private static final Pattern VERSION = Pattern.compile("NVRM version:.*?\\s(\\d+\\.\\d+(?:\\.\\d+)?)\\s");
    private static final Pattern BUS = Pattern.compile("[0-9a-f]{4,8}:[0-9a-f]{2}:[0-9a-f]{2}\\.[0-9a-f]");
    private static final Pattern NODE = Pattern.compile("nvidia\\d+");

    /** PCI vendor NVIDIA; classes VGA and 3D controller. */
    private static final String NVIDIA = "0x10de";

    private static final Pattern DISPLAY = Pattern.compile("0x030[02].*");

    /** Copies. */
    NvidiaHost {
        gpus = List.copyOf(gpus);
        idle = List.copyOf(idle);
    }

    /**
     * A device that the driver lists.
     *
     * @param bus such as {@code 0000:65:00.0}
     * @param model such as {@code NVIDIA RTX A2000}
     * @param uuid such as {@code GPU-8c2e...}; empty if the driver does not tell
     */
    record Gpu(String bus, String model, String uuid) {}

    /**
     * {@return what the system tells}
     *
     * @param root {@code /}
     */
    static NvidiaHost read(Path root) {
        List<Gpu> gpus = new ArrayList<>();
        for (Path folder : list(root.resolve("proc/driver/nvidia/gpus"))) {
            String information = text(folder.resolve("information"));
            if (BUS.matcher(name(folder)).matches()
                    && !field(information, "GPU Excluded").equals("Yes")) {
                gpus.add(new Gpu(name(folder), field(information, "Model"), uuid(field(information, "GPU UUID"))));
            }
        }
        Matcher version = VERSION.matcher(text(root.resolve("proc/driver/nvidia/version")));
        List<String> idle = new ArrayList<>();
        String kernelDriver = "";
        for (Path device : list(root.resolve("sys/bus/pci/devices"))) {
            if (text(device.resolve("vendor")).strip().equals(NVIDIA)
                    && DISPLAY.matcher(text(device.resolve("class")).strip()).matches()) {
                kernelDriver = idle.isEmpty() ? target(device.resolve("driver")) : kernelDriver;
                idle.add(name(device));
            }
        }
        return new NvidiaHost(
                gpus,
                version.find() ? version.group(1) : "",
                (int) list(root.resolve("dev")).stream()
                        .filter(n -> NODE.matcher(name(n)).matches())
                        .count(),
                idle,
                kernelDriver,
                jetson(root),
                Files.exists(root.resolve("dev/dxg")));
    }

    /** {@return how many devices are worth trying} */
    int candidates() {
        int listed = Math.max(gpus.size(), nodes);
        return listed == 0 && (!jetson.isEmpty() || windowsSubsystem) ? 1 : listed;
    }

    /** {@return what the driver lists under that number; without a name if it lists none} */
    Gpu gpu(int index) {
        return index < gpus.size() ? gpus.get(index) : new Gpu("", jetson, "");
    }

    private static String jetson(Path root) {
        String board =
                text(root.resolve("proc/device-tree/model")).replace("\0", "").strip();
        String lower = board.toLowerCase(Locale.ROOT);
        boolean nodes = list(root.resolve("dev")).stream().anyMatch(n -> name(n).startsWith("nvhost"))
                || Files.exists(root.resolve("etc/nv_tegra_release"));
        if (lower.contains("jetson") || (nodes && lower.contains("nvidia"))) {
            return board;
        }
        return nodes ? "NVIDIA Tegra" : "";
    }

    private static String field(String information, String key) {
        return information
                .lines()
                .filter(l -> l.startsWith(key + ":"))
                .map(l -> l.substring(key.length() + 1).strip())
                .findFirst()
                .orElse("");
    }

    /** A user without rights sees question marks. */
    private static String uuid(String text) {
        return text.contains("?") ? "" : text;
    }

    private static String name(Path file) {
        Path name = file.getFileName();
        return name == null ? "" : name.toString();
    }

    private static String target(Path link) {
        try {
            return Files.exists(link) ? name(link.toRealPath()) : "";
        } catch (IOException e) {
            return ""; // gone meanwhile
        }
    }

    private static List<Path> list(Path folder) {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.sorted().toList();
        } catch (IOException e) {
            return List.of(); // not for this user, or gone meanwhile: as good as absent
        }
    }

    private static String text(Path file) {
        try {
            return Files.isReadable(file) ? Files.readString(file, StandardCharsets.ISO_8859_1) : "";
        } catch (IOException e) {
            return ""; // as above
        }
    }
}
