// SPDX-License-Identifier: Apache-2.0
package io.edgewright.onnxruntime;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * The only owner of ONNX Runtime's environment in a Java process: every driver and pass gets it here. Thread-safe.
 *
 * <p>One ONNX Runtime fits into a process. Its native environment lives until the process ends, which is why this bundle is
 * not updated to another version live; its classes go with the bundle where {@code java.lang} is open ({@link ExitHook}).
 */
public final class OrtRuntime {

    /** System property: what ONNX Runtime itself writes to standard error; VERBOSE, INFO, WARNING, ERROR or FATAL. */
    public static final String LOG_PROPERTY = "edgewright.onnxruntime.log";

    /**
     * System property: a folder with another build of the native libraries, such as the one for NVIDIA devices; else the
     * environment variable {@link #NATIVES_VARIABLE}; else those in this bundle.
     */
    public static final String NATIVES_PROPERTY = "edgewright.onnxruntime.natives";

    /** Environment variable: see {@link #NATIVES_PROPERTY}. */
    public static final String NATIVES_VARIABLE = "EDGEWRIGHT_ONNXRUNTIME_NATIVES";

    private OrtRuntime() {}

    /**
     * {@return the environment: no telemetry, no global thread pool (each session has its own threads)}
     *
     * @throws IllegalStateException if ONNX Runtime cannot work here; the message says what is missing
     */
    public static OrtEnvironment environment() {
        return loaded().environment();
    }

    /**
     * {@return which build of the native libraries this process uses}
     *
     * @throws IllegalStateException as {@link #environment}
     */
    public static OrtFlavour flavour() {
        return loaded().flavour();
    }

    /**
     * {@return why the native libraries in a folder cannot be used; empty if they look well. Loads nothing}
     *
     * @param folder one that {@link #NATIVES_PROPERTY} could name
     */
    public static String problemWith(Path folder) {
        return NativeFolder.of(folder.toString()).problem(Natives.platform(), Natives.version(OrtRuntime.class));
    }

    /** {@return the folder that the property or the variable names, whether it can be used or not; empty if none does} */
    public static String namedNatives() {
        String property = System.getProperty(NATIVES_PROPERTY, "").strip();
        String named = property.isEmpty()
                ? System.getenv().getOrDefault(NATIVES_VARIABLE, "").strip()
                : property;
        return named.isEmpty()
                ? ""
                : Path.of(named).toAbsolutePath().normalize().toString();
    }

    private static Loaded loaded() {
        try {
            return Holder.LOADED;
        } catch (LinkageError e) {
            throw new IllegalStateException(
                    "ONNX Runtime could not be loaded on " + Natives.platform() + ": " + rootMessage(e), e);
        }
    }

    /**
     * {@return the version of the native library, such as {@code 1.29.0}}
     *
     * @throws IllegalStateException as {@link #environment}
     */
    public static String version() {
        return environment().getVersion();
    }

    /** {@return operating system and processor as ONNX Runtime names them, such as {@code linux-x64}} */
    public static String platform() {
        return Natives.platform();
    }

    /**
     * {@return the processor's features that ONNX Runtime's kernels depend on, sorted, such as {@code avx2,fma}; what was
     * compiled or optimized on one set of features is not used on another; empty if they could not be read}
     */
    public static String cpuFeatures() {
        return CpuFeatures.read(Path.of("/proc/cpuinfo"));
    }

    /**
     * {@return where the native libraries of this process were loaded from: {@code libonnxruntime.so} first, then
     * {@code libonnxruntime4j_jni.so}; a child process can load the same files}
     *
     * @throws IllegalStateException as {@link #environment}
     * @throws IOException if the system does not tell
     */
    public static List<Path> loadedLibraries() throws IOException {
        loaded();
        return Natives.loaded();
    }

    private static String rootMessage(Throwable e) {
        Throwable root = e;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return String.valueOf(root.getMessage());
    }

    private record Loaded(OrtEnvironment environment, OrtFlavour flavour) {}

    /** Class initialization makes it once, on first use. */
    private static final class Holder {

        static final Loaded LOADED = load();

        private static Loaded load() {
            try (Natives.Choice choice = Natives.choose(OrtRuntime.class)) {
                var level = OrtLoggingLevel.valueOf("ORT_LOGGING_LEVEL_" + System.getProperty(LOG_PROPERTY, "FATAL"));
                OrtEnvironment environment = ExitHook.without(() -> OrtEnvironment.getEnvironment(level, "edgewright"));
                Natives.deleteTemporaryFolder();
                environment.setTelemetry(false);
                return new Loaded(environment, choice.flavour());
            } catch (OrtException e) {
                throw new IllegalStateException("telemetry could not be turned off: " + e.getMessage(), e);
            }
        }
    }
}
