// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.cuda;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Says in words what is missing, and what to install. */
final class Advice {

    private static final String FETCH = "tools/fetch-onnxruntime-gpu.sh";

    private static final String CUDA_PROVIDER = "libonnxruntime_providers_cuda.so";

    private static final Pattern MISSING = Pattern.compile("error: (lib[^\\s:/]+): cannot open shared object file");
    private static final Pattern TOO_NEW = Pattern.compile("version [`']([^']+)' not found");
    private static final Pattern FAILURE = Pattern.compile("(?:CUDA failure|CUDA error|cudaError)\\D{0,3}(\\d+)");

    /** Codes of {@code cudaError_t} (driver_types.h of CUDA 12) that an operator can do something about. */
    private static final Map<Integer, String> FAILURES = Map.ofEntries(
            Map.entry(2, "the device is out of memory: end what else uses it, or set memory.mib lower"),
            Map.entry(35, "NVIDIA's driver is older than CUDA 12 needs: install driver 525 or newer"),
            Map.entry(46, "another process has the device for itself: end it, or 'nvidia-smi -c 0'"),
            Map.entry(
                    100,
                    "NVIDIA's driver offers no device to this process: see 'nvidia-smi'; in a container start it with"
                            + " '--gpus all'; the gateway's user must be able to open /dev/nvidia*"),
            Map.entry(101, "there is no device of that number: see 'nvidia-smi -L'"),
            Map.entry(209, "this build of ONNX Runtime has no code for this device: it is too old or too new"),
            Map.entry(222, "NVIDIA's driver is too old for this device's code: install a newer driver"),
            Map.entry(802, "the devices are not ready yet: on machines with NVSwitch start nvidia-fabricmanager"),
            Map.entry(
                    803, "the driver in the kernel and its libraries differ, as after an update: restart the machine"),
            Map.entry(804, "the CUDA compatibility package does not fit this device: remove it and update the driver"),
            Map.entry(
                    999,
                    "NVIDIA's driver is stuck, as it can be after standby: 'rmmod nvidia_uvm; modprobe nvidia_uvm', or"
                            + " restart the machine"));

    private Advice() {}

    /** {@return why there cannot be a device, and what to do; empty if one is worth trying} */
    static String forHost(NvidiaHost host, String architecture) {
        if (host.candidates() > 0) {
            return "";
        }
        if (!host.idle().isEmpty()) {
            String by =
                    host.kernelDriver().isEmpty() ? "no driver is loaded for it" : host.kernelDriver() + " drives it";
            return "an NVIDIA device is at PCI %s, but %s: install NVIDIA's driver 525 or newer (package nvidia-driver) and restart; see 'dmesg | grep -i nvrm' if it is installed"
                    .formatted(host.idle().get(0), by);
        }
        if (!host.driver().isEmpty()) {
            return "NVIDIA's driver %s is loaded and lists no device: see 'nvidia-smi' and 'dmesg | grep -i nvrm'; a device may have fallen off the bus"
                    .formatted(host.driver());
        }
        return "no NVIDIA device: none on the PCI bus, no /dev/nvidia0, no /proc/driver/nvidia (%s). In a container, start it with NVIDIA's container toolkit: '--gpus all'"
                .formatted(architecture);
    }

    /** {@return why the native libraries cannot be used, and how to get them; empty if they look well} */
    static String forNatives(String folder, String problem, NvidiaHost host, String architecture) {
        boolean jetson = !host.jetson().isEmpty();
        String get = architecture.equals("amd64")
                ? "fill a folder with " + FETCH + " (where there is a network) and name it in the setting natives"
                : "nobody publishes them for " + architecture
                        + ": build ONNX Runtime 1.29 on this board with --use_cuda --build_java"
                        + (jetson ? " (and --use_tensorrt) against JetPack's CUDA" : "")
                        + ", put its libonnxruntime*.so into a folder and name that in the setting natives";
        String what = jetson ? host.jetson() + " is here, which was never tried by us" : device(host) + " is here";
        if (folder.isEmpty()) {
            return "%s, but ONNX Runtime's libraries for CUDA are not: %s".formatted(what, get);
        }
        if (!problem.isEmpty()) {
            return "%s, but the libraries named in natives cannot be used: %s; %s".formatted(what, problem, get);
        }
        if (!Files.isRegularFile(Path.of(folder).resolve(CUDA_PROVIDER))) {
            return "%s, but %s has no %s, it holds a build for the processor only: %s"
                    .formatted(what, folder, CUDA_PROVIDER, get);
        }
        return "";
    }

    private static String device(NvidiaHost host) {
        String model = host.gpu(0).model();
        return model.isEmpty() ? "an NVIDIA device" : model;
    }

    /** {@return what an error of ONNX Runtime means, and what to do; its own words if they are not known here} */
    static String forError(String message) {
        Matcher missing = MISSING.matcher(message);
        if (missing.find()) {
            return missing(missing.group(1));
        }
        Matcher tooNew = TOO_NEW.matcher(message);
        if (tooNew.find()) {
            return "the libraries need %s, which is newer than this system's: use a newer system (glibc 2.28 or later)"
                    .formatted(tooNew.group(1));
        }
        if (message.contains("cuDNN is not available") || message.contains("dlopen failed for libcudnn")) {
            return missing("libcudnn.so.9");
        }
        Matcher failure = FAILURE.matcher(message);
        if (failure.find()) {
            int code = Integer.parseInt(failure.group(1));
            String known = FAILURES.get(code);
            return known == null ? message : "%s (CUDA error %d)".formatted(known, code);
        }
        if (message.contains("no kernel image is available")) {
            return "this build of ONNX Runtime has no code for this device: it is too old or too new";
        }
        return message;
    }

    private static String missing(String library) {
        if (library.startsWith("libcuda.so")) {
            return "NVIDIA's driver library %s is missing: install NVIDIA's driver 525 or newer; in a container start it with '--gpus all' and NVIDIA_DRIVER_CAPABILITIES=compute,utility"
                    .formatted(library);
        }
        if (library.startsWith("libcudnn")) {
            return "%s is missing: install cuDNN 9 for CUDA 12 (package libcudnn9-cuda-12), or fill the folder again with '%s FOLDER --with-cuda'"
                    .formatted(library, FETCH);
        }
        if (library.startsWith("libnvinfer") || library.startsWith("libnvonnxparser")) {
            return "%s is missing: install TensorRT 10 for CUDA 12 (packages libnvinfer10, libnvinfer-plugin10, libnvonnxparsers10), or set tensorrt=false"
                    .formatted(library);
        }
        if (library.startsWith("libcu") || library.startsWith("libnv")) {
            return "%s is missing: install CUDA 12's libraries (packages cuda-cudart-12-9, libcublas-12-9, libcurand-12-9, libcufft-12-9), or fill the folder again with '%s FOLDER --with-cuda'"
                    .formatted(library, FETCH);
        }
        return "%s is missing: install the system's package that has it, or put it beside the other libraries"
                .formatted(library);
    }
}
