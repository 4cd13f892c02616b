// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.plugin;

import ai.onnxruntime.OrtEpDevice;
import ai.onnxruntime.OrtHardwareDevice;
import io.edgewright.api.accelerator.Accelerator;
import io.edgewright.api.accelerator.AcceleratorKind;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Describes the devices of a provider, chooses among them, and carries the descriptions between processes. */
final class Devices {

    private static final String FORMAT = "onnx";

    /** OpenVINO's properties for the memory of a GPU and of an NPU, in bytes. */
    private static final List<String> MEMORY = List.of("GPU_DEVICE_TOTAL_MEM_SIZE", "NPU_DEVICE_TOTAL_MEM_SIZE");

    /** Both spellings are in use (onnxruntime_ep_device_ep_metadata_keys.h; OpenVINO 1.8.1). */
    private static final List<String> VIRTUAL = List.of("is_virtual", "IsVirtual");

    private static final int LONGEST_VALUE = 200;

    private Devices() {}

    /**
     * A device and what ONNX Runtime calls it.
     *
     * @param provider the name of the execution provider
     */
    record Found(Accelerator accelerator, String provider, OrtEpDevice device) {}

    /** {@return what is there, described; without devices that exist on paper only and without the preset's others} */
    static List<Found> describe(List<OrtEpDevice> offered, Wishes wishes, boolean cancellable) {
        Map<AcceleratorKind, Integer> counts = new EnumMap<>(AcceleratorKind.class);
        List<Found> found = new ArrayList<>();
        for (OrtEpDevice device : offered) {
            String only = wishes.preset().provider();
            OrtHardwareDevice hardware = device.getDevice();
            boolean virtual = VIRTUAL.stream()
                    .anyMatch(key -> "1".equals(hardware.getMetadata().get(key)));
            if (virtual || !(only.isEmpty() || only.equals(device.getEpName()))) {
                continue;
            }
            AcceleratorKind kind = kind(hardware);
            int number = counts.merge(kind, 1, Integer::sum) - 1;
            String id = wishes.name() + ":" + kind.name().toLowerCase(Locale.ROOT) + "." + number;
            found.add(new Found(describe(device, id, kind, wishes, cancellable), device.getEpName(), device));
        }
        return found;
    }

    /** {@return those of the wished kinds that a filter names} */
    static List<Found> choose(List<Found> found, Wishes wishes) {
        return found.stream()
                .filter(f -> wishes.kinds().isEmpty()
                        || wishes.kinds().contains(f.accelerator().kind()))
                .filter(f -> wishes.filters().isEmpty()
                        || wishes.filters().stream().anyMatch(w -> matches(f.accelerator(), w)))
                .toList();
    }

    /** A word is looked for in id, vendor and description; {@code key=value} compares a property. */
    private static boolean matches(Accelerator device, String filter) {
        int equals = filter.indexOf('=');
        if (equals > 0) {
            String value = device.properties().get(filter.substring(0, equals).strip());
            return filter.substring(equals + 1).strip().equalsIgnoreCase(value);
        }
        String all = device.id() + " " + device.vendor() + " " + device.description();
        return all.toLowerCase(Locale.ROOT).contains(filter.toLowerCase(Locale.ROOT));
    }

    private static Accelerator describe(
            OrtEpDevice device, String id, AcceleratorKind kind, Wishes wishes, boolean cancellable) {
        OrtHardwareDevice hardware = device.getDevice();
        Map<String, String> properties = new TreeMap<>();
        hardware.getMetadata().forEach((key, value) -> put(properties, key, value));
        device.getEpMetadata().forEach((key, value) -> put(properties, key, value));
        put(properties, "provider", device.getEpName());
        put(properties, "provider.vendor", device.getEpVendor());
        put(properties, "hardware.vendor.id", "0x%04x".formatted(hardware.getVendorId()));
        put(properties, "hardware.device.id", "0x%04x".formatted(hardware.getDeviceId()));
        put(properties, "preset", wishes.preset().text());
        String full = properties.getOrDefault("FULL_DEVICE_NAME", "");
        String vendor = hardware.getVendor().isBlank() ? device.getEpVendor() : hardware.getVendor();
        String description = (full.isEmpty() ? vendor + " " + hardware.getType() : full) + ", " + device.getEpName()
                + " " + properties.getOrDefault("version", "");
        return new Accelerator(
                id,
                wishes.name(),
                wishes.shownAs().orElse(kind),
                vendor,
                description.strip(),
                memory(properties),
                Set.of(FORMAT),
                cancellable,
                properties);
    }

    private static void put(Map<String, String> properties, String key, String value) {
        if (!value.isBlank() && !key.isBlank()) {
            properties.put(key, value.length() > LONGEST_VALUE ? value.substring(0, LONGEST_VALUE) + "..." : value);
        }
    }

    private static long memory(Map<String, String> properties) {
        return MEMORY.stream()
                .map(properties::get)
                .filter(v -> v != null && v.matches("[0-9]{1,18}"))
                .mapToLong(Long::parseLong)
                .findFirst()
                .orElse(0);
    }

    private static AcceleratorKind kind(OrtHardwareDevice hardware) {
        return switch (hardware.getType()) {
            case CPU -> AcceleratorKind.CPU;
            case GPU -> AcceleratorKind.GPU;
            case NPU -> AcceleratorKind.NPU;
        };
    }

    /** {@return a device as texts, for another process} */
    static Map<String, String> write(List<Accelerator> devices) {
        Map<String, String> texts = new LinkedHashMap<>();
        texts.put("devices", Integer.toString(devices.size()));
        for (int i = 0; i < devices.size(); i++) {
            Accelerator device = devices.get(i);
            String prefix = "device." + i + ".";
            texts.put(prefix + "id", device.id());
            texts.put(prefix + "driver", device.driver());
            texts.put(prefix + "kind", device.kind().name());
            texts.put(prefix + "vendor", device.vendor());
            texts.put(prefix + "description", device.description());
            texts.put(prefix + "memory", Long.toString(device.memoryBytes()));
            texts.put(prefix + "cancellable", Boolean.toString(device.cancellable()));
            device.properties().forEach((key, value) -> texts.put(prefix + "property." + key, value));
        }
        return texts;
    }

    /** {@return what {@link #write} wrote} */
    static List<Accelerator> read(Map<String, String> texts) {
        int count = Integer.parseInt(texts.getOrDefault("devices", "0"));
        List<Accelerator> devices = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            String prefix = "device." + i + ".";
            Map<String, String> properties = new TreeMap<>();
            texts.forEach((key, value) -> {
                if (key.startsWith(prefix + "property.")) {
                    properties.put(key.substring(prefix.length() + "property.".length()), value);
                }
            });
            devices.add(new Accelerator(
                    texts.getOrDefault(prefix + "id", ""),
                    texts.getOrDefault(prefix + "driver", ""),
                    AcceleratorKind.valueOf(texts.getOrDefault(prefix + "kind", "")),
                    texts.getOrDefault(prefix + "vendor", ""),
                    texts.getOrDefault(prefix + "description", ""),
                    Long.parseLong(texts.getOrDefault(prefix + "memory", "0")),
                    Set.of(FORMAT),
                    Boolean.parseBoolean(texts.get(prefix + "cancellable")),
                    properties));
        }
        return List.copyOf(devices);
    }
}
