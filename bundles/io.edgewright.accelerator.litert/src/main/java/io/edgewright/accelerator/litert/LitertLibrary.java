// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.litert;

import com.sun.jna.Function;
import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;
import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.accelerator.InferenceException.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Unpacks and loads TensorFlow Lite, once a process. */
final class LitertLibrary {

    /** The version that this bundle carries; part of the folder's name. */
    static final String VERSION = "2.20.0-1.5.13";

    /** The name of the library's file. */
    static final String FILE = "libjnitensorflowlite.so";

    private static final Logger LOG = LoggerFactory.getLogger(LitertLibrary.class);

    private static final String JNA_FILE = "libjnidispatch.so";

    /** Otherwise it writes a line to the standard error output for every interpreter. */
    private static final String SET_LOG_LEVEL =
            "_ZN6tflite16logging_internal13MinimalLogger21SetMinimumLogSeverityENS_11LogSeverityE";

    private static final int LOG_ERRORS_ONLY = 3;

    private static @Nullable String loaded;

    private LitertLibrary() {}

    /**
     * Unpacks the libraries, unless they are there as they should be.
     *
     * @param folder where this bundle's libraries lie
     * @return the folder with the two libraries of this version and processor
     */
    static Path unpack(Path folder) throws IOException, InferenceException {
        Path target = folder.resolve("litert-" + VERSION + "-" + processor());
        Files.createDirectories(target);
        copy("org/bytedeco/tensorflowlite/linux-" + (isArm() ? "arm64" : "x86_64") + "/" + FILE, target.resolve(FILE));
        copy("com/sun/jna/linux-" + (isArm() ? "aarch64" : "x86-64") + "/" + JNA_FILE, target.resolve(JNA_FILE));
        return target;
    }

    /**
     * Loads the library. Doing so again gives the same version.
     *
     * @param folder as {@link #unpack} gave it
     * @return TensorFlow Lite's version, such as {@code 2.20.0}
     */
    static synchronized String load(Path folder) throws InferenceException {
        String version = loaded;
        if (version != null) {
            return version;
        }
        try {
            prepareJna(folder);
            NativeLibrary library =
                    NativeLibrary.getInstance(folder.resolve(FILE).toString());
            TfLite.bind(library);
            quieten(library);
            Pointer text = TfLite.TfLiteVersion();
            version = text.getString(0);
            loaded = version;
            return version;
        } catch (LinkageError e) {
            throw new InferenceException(
                    Reason.DEVICE_UNAVAILABLE,
                    "TensorFlow Lite does not load on %s %s, expected Linux on x86-64 or aarch64 with glibc 2.34 or newer: %s"
                            .formatted(System.getProperty("os.name"), System.getProperty("os.arch"), e.getMessage()),
                    e);
        }
    }

    /** {@return the options of a JVM that is to load JNA from this folder} */
    static String jvmOption(Path folder) {
        return "-Djna.boot.library.path=" + folder;
    }

    /** {@return a pointer's number, of a direct buffer} */
    static long address(ByteBuffer buffer) {
        return Pointer.nativeValue(Native.getDirectBufferPointer(buffer));
    }

    /** {@return foreign memory as a buffer: to be read at once, never kept} */
    static ByteBuffer view(long address, long bytes) {
        return new Pointer(address).getByteBuffer(0, bytes);
    }

    private static void quieten(NativeLibrary library) {
        try {
            library.getFunction(SET_LOG_LEVEL, Function.C_CONVENTION).invokeInt(new Object[] {LOG_ERRORS_ONLY});
        } catch (UnsatisfiedLinkError e) {
            LOG.debug("TensorFlow Lite goes on writing to the standard error output: {}", e.getMessage());
        }
    }

    /** JNA reads its settings from system properties once; they are set for that moment only. */
    private static void prepareJna(Path folder) {
        Map<String, String> wanted = Map.of("jna.tmpdir", folder.toString());
        Map<String, @Nullable String> before = new HashMap<>();
        wanted.forEach((key, value) -> before.put(key, System.setProperty(key, value)));
        try {
            Class.forName(Native.class.getName(), true, LitertLibrary.class.getClassLoader());
        } catch (ClassNotFoundException e) {
            throw new NoClassDefFoundError(e.getMessage());
        } finally {
            before.forEach((key, value) -> {
                if (value == null) {
                    System.clearProperty(key);
                } else {
                    System.setProperty(key, value);
                }
            });
        }
    }

    /** {@return the processor as the folder is named} */
    static String processor() throws InferenceException {
        String os = System.getProperty("os.name", "").toLowerCase(Locale.ROOT);
        String arch = System.getProperty("os.arch", "").toLowerCase(Locale.ROOT);
        boolean known = os.contains("linux") && (isArm() || arch.equals("amd64") || arch.equals("x86_64"));
        if (!known) {
            throw new InferenceException(
                    Reason.DEVICE_UNAVAILABLE,
                    "TensorFlow Lite is not here for %s %s, expected Linux on x86-64 or aarch64".formatted(os, arch),
                    null);
        }
        return isArm() ? "aarch64" : "x86_64";
    }

    private static boolean isArm() {
        String arch = System.getProperty("os.arch", "").toLowerCase(Locale.ROOT);
        return arch.equals("aarch64") || arch.equals("arm64");
    }

    private static void copy(String resource, Path target) throws IOException {
        if (isSame(resource, target)) {
            return;
        }
        Path temporary = target.resolveSibling(target.getFileName() + "." + UUID.randomUUID());
        try (InputStream in = open(resource)) {
            Files.copy(in, temporary);
            Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(temporary);
        }
    }

    /** Compares contents, not dates: a half-written or planted file is replaced. */
    private static boolean isSame(String resource, Path target) throws IOException {
        if (!Files.isRegularFile(target, LinkOption.NOFOLLOW_LINKS)) {
            return false;
        }
        byte[] expected = new byte[1 << 16];
        byte[] found = new byte[1 << 16];
        try (InputStream a = open(resource);
                InputStream b = Files.newInputStream(target)) {
            while (true) {
                int n = a.readNBytes(expected, 0, expected.length);
                int m = b.readNBytes(found, 0, found.length);
                if (n != m || !Arrays.equals(expected, 0, n, found, 0, n)) {
                    return false;
                }
                if (n == 0) {
                    return true;
                }
            }
        }
    }

    private static InputStream open(String resource) throws IOException {
        InputStream in = LitertLibrary.class.getResourceAsStream("/" + resource);
        if (in == null) {
            throw new IOException("/" + resource + " is not in this bundle");
        }
        return in;
    }
}
