// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.torch;

import java.io.IOException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * Loads libtorch from a folder, once for each class loader. The linker finds what a library needs beside it; only the three
 * that Java calls are loaded through Java. Java binds such a file to one class loader, so after this bundle was refreshed
 * while its old class loader is still there, copies of those three are loaded; libtorch itself stays in the process.
 */
final class TorchLibrary {

    private static final String JNI_JAVACPP = "libjnijavacpp.so";
    private static final String JNI_BLAS = "libjniopenblas_nolapack.so";
    private static final String JNI_TORCH = "libjnitorch.so";
    private static final String QUADMATH = "libquadmath.so.0";

    private static final List<String> FILES = List.of(
            JNI_JAVACPP,
            JNI_BLAS,
            JNI_TORCH,
            QUADMATH,
            "libc10.so",
            "libtorch_cpu.so",
            "libgomp.so.1",
            "libgfortran.so.5",
            "libopenblas.so.0",
            "libopenblas_nolapack.so.0");

    private static final Pattern VERSION = Pattern.compile("TORCH_VERSION=([\\w.]+)");

    private static @Nullable Map<String, String> loaded;
    private static @Nullable String failure;

    private TorchLibrary() {}

    /** {@return what is missing for this system, and what to do; empty if loading can be tried} */
    static Optional<String> missing(Path folder) {
        String os = System.getProperty("os.name", "");
        String arch = System.getProperty("os.arch", "").toLowerCase(Locale.ROOT);
        if (!os.equals("Linux") || !(arch.equals("amd64") || arch.equals("x86_64"))) {
            return Optional.of("libtorch is there for Linux on x86-64 only, this is " + os + " on " + arch);
        }
        List<String> absent =
                FILES.stream().filter(f -> !Files.isReadable(folder.resolve(f))).toList();
        return absent.isEmpty()
                ? Optional.empty()
                : Optional.of("libtorch is not installed: %s lacks %s; run tools/fetch-torch.sh %s"
                        .formatted(folder, absent.size() == FILES.size() ? "it" : absent, folder));
    }

    /**
     * Loads it unless that was done.
     *
     * @param folder with the files that {@code tools/fetch-torch.sh} puts there
     * @return version, processor features and build of libtorch
     * @throws IOException if it cannot be loaded; the message says why
     */
    static synchronized Map<String, String> load(Path folder) throws IOException {
        Map<String, String> before = loaded;
        if (before != null) {
            return before;
        }
        String earlier = failure;
        if (earlier != null) {
            throw new IOException(earlier);
        }
        Optional<String> missing = missing(folder);
        if (missing.isPresent()) {
            throw new IOException(missing.get());
        }
        try {
            begin(folder);
            Loader.loadGlobal(folder.resolve(QUADMATH).toString()); // libgfortran does not look beside itself
            link(folder, JNI_BLAS, "jniopenblas_nolapack");
            link(folder, JNI_BLAS, "jniopenblas"); // its LAPACK functions are never called from Java: 24 MB less
            link(folder, JNI_TORCH, "jnitorch");
            Map<String, String> facts = facts();
            loaded = facts;
            return facts;
        } catch (LinkageError e) {
            failure = "libtorch in " + folder + " does not load; expected what tools/fetch-torch.sh puts there, and the"
                    + " system's libstdc++ and libgcc_s (Debian: libstdc++6): " + root(e);
            throw new IOException(failure, e);
        }
    }

    @SuppressWarnings("try") // the scope frees what is made within it
    private static Map<String, String> facts() {
        try (PointerScope scope = new PointerScope()) {
            String build = torch.show_config().getString();
            Matcher version = VERSION.matcher(build);
            return Map.of(
                    "torch.version",
                    version.find() ? version.group(1) : "unknown",
                    "torch.cpu",
                    torch.get_cpu_capability().getString());
        }
    }

    private static void link(Path folder, String file, String name) throws IOException {
        Path library = folder.resolve(file);
        try {
            Loader.loadLibrary(Loader.class, urls(library), name);
        } catch (UnsatisfiedLinkError e) {
            if (!boundElsewhere(e)) {
                throw e;
            }
            linkCopy(library, name);
        }
    }

    /** The copy lies beside the original, as it looks for the others there, and is needed until it is loaded only. */
    private static void linkCopy(Path library, String name) throws IOException {
        Path copy = Files.createTempFile(library.toAbsolutePath().getParent(), "copy-", ".so");
        try {
            Files.copy(library, copy, StandardCopyOption.REPLACE_EXISTING);
            Loader.loadLibrary(Loader.class, urls(copy), name);
        } finally {
            Files.delete(copy);
        }
    }

    private static URL[] urls(Path file) throws IOException {
        return new URL[] {file.toRealPath().toUri().toURL()};
    }

    private static boolean boundElsewhere(Throwable error) {
        for (Throwable t = error; t != null; t = t.getCause()) {
            if (String.valueOf(t.getMessage()).contains("already loaded in another classloader")) {
                return true;
            }
        }
        return false;
    }

    private static String root(Throwable error) {
        Throwable root = error;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return root.toString();
    }

    /** JavaCPP reads its settings from system properties once; they are set for that moment only. */
    private static void begin(Path folder) throws IOException {
        Map<String, String> wanted = Map.of(
                "org.bytedeco.javacpp.cachedir", folder.toString(),
                // no thread that frees by garbage collection: it would hold this bundle's classes; all is closed by
                // hand
                "org.bytedeco.javacpp.nopointergc", "true",
                // its limits count the whole process, and answer with OutOfMemoryError
                "org.bytedeco.javacpp.maxbytes", "0",
                "org.bytedeco.javacpp.maxphysicalbytes", "0");
        Map<String, @Nullable String> before = new HashMap<>();
        wanted.forEach((key, value) -> before.put(key, System.setProperty(key, value)));
        try {
            Loader.getCacheDir();
            link(folder, JNI_JAVACPP, "jnijavacpp");
            Pointer.isNull(null); // its class reads them when it is first used
        } finally {
            before.forEach(TorchLibrary::restore);
        }
    }

    private static void restore(String key, @Nullable String value) {
        if (value == null) {
            System.clearProperty(key);
        } else {
            System.setProperty(key, value);
        }
    }
}
