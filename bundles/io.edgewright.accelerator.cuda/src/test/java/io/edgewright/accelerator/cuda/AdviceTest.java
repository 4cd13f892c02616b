// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AdviceTest {

    private static final NvidiaHost HOST = new NvidiaHost(
            List.of(new NvidiaHost.Gpu("0000:17:00.0", "Tesla T4", "")), "550.54.15", 1, List.of(), "", "", false);

    /** ONNX Runtime 1.29 with the GPU build, on a machine without CUDA. */
    private static final String MISSING = "[ONNXRuntimeError] : 1 : FAIL : Failed to load library"
            + " /srv/gpu/libonnxruntime_providers_cuda.so with error: %s: cannot open shared object file: No such file or"
            + " directory";

    /** The same with CUDA's libraries, and a driver that says so. */
    private static final String FAILURE = "[ONNXRuntimeError] : 1 : FAIL : provider_options_utils.h:187 Parse Failed to"
            + " parse provider option \"device_id\": CUDA failure %s ; GPU=-1 ; hostname=vm ; expr=cudaGetDeviceCount(&n);";

    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource({
        "libcuda.so.1, install NVIDIA's driver 525",
        "libcublasLt.so.12, install CUDA 12's libraries",
        "libcudart.so.12, --with-cuda",
        "libcurand.so.10, libcurand-12-9",
        "libcudnn.so.9, install cuDNN 9",
        "libnvinfer.so.10, install TensorRT 10",
        "libnvonnxparser.so.10, tensorrt=false",
        "libz.so.1, the system's package"
    })
    void saysWhatToInstallForALibrary(String library, String expected) {
        assertThat(Advice.forError(MISSING.formatted(library))).contains(library + " is missing", expected);
    }

    @ParameterizedTest
    @CsvSource({
        "100: no CUDA-capable device is detected, offers no device to this process",
        "35: CUDA driver version is insufficient for CUDA runtime version, install driver 525 or newer",
        "2: out of memory, memory.mib",
        "803: system has unsupported display driver / cuda driver combination, restart the machine",
        "999: unknown error, modprobe nvidia_uvm"
    })
    void saysWhatToDoAboutAnErrorOfCuda(String found, String expected) {
        String code = found.substring(0, found.indexOf(':'));
        assertThat(Advice.forError(FAILURE.formatted(found))).contains(expected, "(CUDA error " + code + ")");
    }

    @Test
    void saysThatCudnnIsMissingInTheProvidersOwnWords() {
        assertThat(Advice.forError(
                        "cuDNN is not available. Install cuDNN, update the system library search path, or set"
                                + " enable_cudnn=0 to force native CUDA paths where available."))
                .contains("libcudnn.so.9 is missing");
    }

    @Test
    void saysThatTheSystemIsTooOld() {
        assertThat(Advice.forError("error: /lib/libc.so.6: version `GLIBC_2.28' not found (required by x)"))
                .contains("GLIBC_2.28", "newer system");
    }

    @Test
    void passesOnWhatItDoesNotKnow() {
        assertThat(Advice.forError("CUDA failure 719: unspecified launch failure"))
                .isEqualTo("CUDA failure 719: unspecified launch failure");
        assertThat(Advice.forError("something else")).isEqualTo("something else");
    }

    @Test
    void saysHowToGetTheLibraries() throws Exception {
        assertThat(Advice.forNatives("", "", HOST, "amd64"))
                .contains("Tesla T4 is here", "tools/fetch-onnxruntime-gpu.sh", "setting natives");
        assertThat(Advice.forNatives("/srv/gpu", "/srv/gpu is no folder", HOST, "amd64"))
                .contains("/srv/gpu is no folder");
        assertThat(Advice.forNatives(folder.toString(), "", HOST, "amd64"))
                .contains("no libonnxruntime_providers_cuda.so", "for the processor only");
        assertThat(Advice.forNatives("", "", HOST, "aarch64")).contains("nobody publishes them for aarch64");
        Files.createFile(folder.resolve("libonnxruntime_providers_cuda.so"));
        assertThat(Advice.forNatives(folder.toString(), "", HOST, "amd64")).isEmpty();
    }
}
