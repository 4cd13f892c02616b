// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.cuda;

import io.edgewright.accelerator.cuda.NvidiaHost.Gpu;
import io.edgewright.accelerator.cuda.Settings.Keys;
import io.edgewright.api.accelerator.Accelerator;
import io.edgewright.api.accelerator.AcceleratorKind;
import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.isolation.EngineSpec;
import io.edgewright.api.isolation.Isolation;
import io.edgewright.onnxruntime.OrtFlavour;
import io.edgewright.onnxruntime.OrtRuntime;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Looks for devices: first in the system's files, then by letting each compute something in a process of its own. */
final class Scan {

    static final String NAME = "cuda";

    /** Longest time until the engine has started and every device has computed. */
    private static final Duration START_LIMIT = Duration.ofMinutes(3);

    private static final FileTime NEVER = FileTime.fromMillis(0);

    private final Settings settings;
    private final Isolation isolation;
    private final Path root;
    private final String architecture = System.getProperty("os.arch", "");

    /**
     * What was found.
     *
     * @param devices those that compute
     * @param unavailable why there is none; empty if there is one
     * @param engine how to start the engine with them
     * @param driver the version of NVIDIA's driver
     */
    record Found(List<Accelerator> devices, String unavailable, Map<String, String> engine, String driver) {

        Found {
            devices = List.copyOf(devices);
            engine = Map.copyOf(engine);
        }

        static Found nothing(String why) {
            return new Found(List.of(), why, Map.of(), "");
        }
    }

    /**
     * What a trial depends on: another one is worth its time only if something of it has changed.
     *
     * @param host what the system tells of devices
     * @param natives when a file came into or went out of the folder with the libraries
     * @param installed when libraries were installed into the system: ldconfig then writes its cache anew
     */
    record Surroundings(NvidiaHost host, FileTime natives, FileTime installed) {}

    /** @param root where the system's files are: {@code /} */
    Scan(Settings settings, Isolation isolation, Path root) {
        this.settings = settings;
        this.isolation = isolation;
        this.root = root;
    }

    /** {@return what there is now; reads a few small files} */
    Surroundings surroundings() {
        String natives = natives();
        return new Surroundings(
                NvidiaHost.read(root),
                natives.isEmpty() ? NEVER : changed(Path.of(natives)),
                changed(root.resolve("etc/ld.so.cache")));
    }

    private static FileTime changed(Path file) {
        try {
            return Files.getLastModifiedTime(file);
        } catch (IOException e) {
            return NEVER; // not there
        }
    }

    /** {@return why nothing needs to be started to know that there is no device; empty if it takes a trial} */
    String obstacle(NvidiaHost host) {
        String obstacle = Advice.forHost(host, architecture);
        if (!obstacle.isEmpty()) {
            return obstacle;
        }
        String natives = natives();
        String problem = natives.isEmpty() ? "" : OrtRuntime.problemWith(Path.of(natives));
        obstacle = Advice.forNatives(natives, problem, host, architecture);
        if (!obstacle.isEmpty()) {
            return obstacle;
        }
        if (wanted(host).isEmpty()) {
            return "none of the devices %s is here, expected in the setting devices a number from 0 to %d, a bus or a UUID of %s"
                    .formatted(settings.devices(), host.candidates() - 1, host.gpus());
        }
        if (!settings.isolated() && !OrtRuntime.flavour().name().equals(OrtFlavour.GPU)) {
            return "isolate is false, but this process was started with ONNX Runtime's libraries for the processor: start it with EDGEWRIGHT_ONNXRUNTIME_NATIVES=%s, or set isolate=true"
                    .formatted(natives);
        }
        return "";
    }

    /** {@return what is there; may take minutes, and starts a process} */
    Found look(NvidiaHost host) throws InterruptedException {
        String obstacle = obstacle(host);
        if (!obstacle.isEmpty()) {
            return Found.nothing(obstacle);
        }
        Map<String, NvidiaSmi.Facts> facts = NvidiaSmi.ask();
        List<Integer> numbers = wanted(host);
        Map<String, String> engine = new TreeMap<>(settings.engine());
        engine.put(Keys.NATIVES, natives());
        for (int number : numbers) {
            Gpu gpu = host.gpu(number);
            String compute = facts.getOrDefault(gpu.bus(), NvidiaSmi.Facts.NONE).compute();
            engine.put(Keys.DEVICE + number, gpu.model() + ' ' + compute + ' ' + host.driver());
        }
        engine.put(Keys.DEVICES, numbers.stream().map(String::valueOf).collect(Collectors.joining(",")));
        try {
            Map<String, String> answer = isolation.start(spec(engine, START_LIMIT, host.driver()));
            return found(host, numbers, facts, engine, answer);
        } catch (InferenceException e) {
            return Found.nothing("NVIDIA devices cannot be used: " + e.getMessage());
        }
    }

    /** {@return how to start the engine for a device} */
    EngineSpec spec(Map<String, String> engine, Duration limit, String driver) {
        Path folder = Path.of(engine.getOrDefault(Keys.NATIVES, ""));
        Map<String, String> environment = new TreeMap<>();
        environment.put("ORT_DISABLE_TELEMETRY", "1");
        environment.put("CUDA_DEVICE_ORDER", "PCI_BUS_ID");
        environment.put(
                "CUDA_CACHE_PATH",
                settings.home().resolve("variants").resolve("cuda").toString());
        String inherited = System.getenv().getOrDefault("LD_LIBRARY_PATH", "");
        environment.put("LD_LIBRARY_PATH", inherited.isEmpty() ? folder.toString() : folder + ":" + inherited);
        return new EngineSpec(
                CudaEngine.class,
                fingerprint(folder, driver),
                engine,
                environment,
                List.of("-Xmx256m", "-D" + OrtRuntime.NATIVES_PROPERTY + "=" + folder),
                limit,
                settings.memoryBytes());
    }

    private Found found(
            NvidiaHost host,
            List<Integer> numbers,
            Map<String, NvidiaSmi.Facts> facts,
            Map<String, String> engine,
            Map<String, String> answer) {
        List<Accelerator> devices = new ArrayList<>();
        Set<String> problems = new LinkedHashSet<>();
        List<Integer> usable = new ArrayList<>();
        for (int number : numbers) {
            String problem = answer.getOrDefault(CudaEngine.DEVICE + number, "the engine says nothing of it");
            if (problem.isEmpty()) {
                usable.add(number);
                devices.add(accelerator(
                        host, number, facts.getOrDefault(host.gpu(number).bus(), NvidiaSmi.Facts.NONE), answer));
            } else {
                problems.add(problem);
            }
        }
        Map<String, String> narrowed = new TreeMap<>(engine);
        narrowed.put(Keys.DEVICES, usable.stream().map(String::valueOf).collect(Collectors.joining(",")));
        return new Found(devices, devices.isEmpty() ? String.join("; ", problems) : "", narrowed, host.driver());
    }

    private Accelerator accelerator(NvidiaHost host, int number, NvidiaSmi.Facts facts, Map<String, String> answer) {
        Gpu gpu = host.gpu(number);
        Map<String, String> properties = new LinkedHashMap<>();
        properties.put("onnxruntime.version", answer.getOrDefault(CudaEngine.VERSION, ""));
        properties.put("nvidia.driver", host.driver());
        properties.put("nvidia.uuid", gpu.uuid());
        properties.put("pci.bus", gpu.bus());
        properties.put("cuda.compute", facts.compute());
        properties.put("isolated", Boolean.toString(settings.isolated()));
        String tensorRt = answer.getOrDefault(CudaEngine.TENSORRT_PROBLEM, "");
        properties.put("tensorrt.problem", tensorRt);
        properties.values().removeIf(String::isEmpty);
        String model = gpu.model().isEmpty() ? "NVIDIA device " + number : gpu.model();
        return new Accelerator(
                NAME + ":" + number,
                NAME,
                AcceleratorKind.GPU,
                "NVIDIA",
                model
                        + (host.driver().isEmpty() ? "" : ", driver " + host.driver())
                        + (tensorRt.isEmpty() ? "" : ", without TensorRT: " + tensorRt),
                facts.memoryBytes(),
                Set.of("onnx"),
                settings.isolated(), // a process can be ended, a run on the device cannot
                properties);
    }

    private List<Integer> wanted(NvidiaHost host) {
        List<Integer> numbers = new ArrayList<>();
        for (int number = 0; number < host.candidates(); number++) {
            if (settings.wants(number, host.gpu(number))) {
                numbers.add(number);
            }
        }
        return numbers;
    }

    /** The driver's own setting first; else what this process was started with, whether it could use that or not. */
    private String natives() {
        return settings.natives().isEmpty() ? OrtRuntime.namedNatives() : settings.natives();
    }

    /** The providers are too large to be read each time: their size and date tell as much. */
    private static String fingerprint(Path folder, String driver) {
        String text = "ort-" + (driver.isEmpty() ? "unknown" : driver);
        for (String library : List.of("libonnxruntime.so", "libonnxruntime_providers_cuda.so")) {
            try {
                Path file = folder.resolve(library);
                text += "-" + Long.toString(Files.size(file), Character.MAX_RADIX) + "-"
                        + Long.toString(Files.getLastModifiedTime(file).toMillis(), Character.MAX_RADIX);
            } catch (IOException e) {
                text += "-none"; // starting it will say what is wrong
            }
        }
        return text.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9._-]", "_");
    }
}
