// SPDX-License-Identifier: Apache-2.0
package io.edgewright.onnxruntime;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.reflect.Field;
import java.lang.reflect.InaccessibleObjectException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;

/**
 * Finds the native libraries. Those in the folder that an operator named, if any; else those of this bundle where it lies
 * unpacked; else in a framework Bundle-NativeCode does it, and on a flat class path they are extracted once to a folder that
 * lasts.
 */
final class Natives {

    /** Names a folder that holds both libraries; ONNX Runtime's own property. */
    static final String PATH_PROPERTY = "onnxruntime.native.path";

    /**
     * System property: where a launcher has this bundle unpacked, the folder in which those of each platform have one. Loaded from
     * there, they are not copied into the framework's storage, which takes 28 MB at each start where the storage does not last.
     */
    static final String UNPACKED_PROPERTY = "edgewright.onnxruntime.unpacked";

    /** Tells it that the engine itself is in this process already. */
    private static final String SKIP_PROPERTY = "onnxruntime.native.onnxruntime.skip";

    private static final List<String> LIBRARIES = List.of("libonnxruntime.so", "libonnxruntime4j_jni.so");

    private Natives() {}

    static String platform() {
        String os = System.getProperty("os.name", "").toLowerCase(Locale.ROOT);
        String arch = System.getProperty("os.arch", "").toLowerCase(Locale.ROOT);
        String shortOs = os.contains("linux") ? "linux" : os.replace(' ', '_');
        String shortArch = arch.equals("amd64") || arch.equals("x86_64") ? "x64" : arch;
        return shortOs + "-" + shortArch;
    }

    /**
     * The libraries that were chosen, findable until this is closed.
     *
     * @param flavour what they are
     * @param properties what was set for ONNX Runtime, which reads it once
     */
    record Choice(OrtFlavour flavour, List<String> properties) implements AutoCloseable {

        /** So that a later class loader chooses anew. */
        @Override
        public void close() {
            properties.forEach(System::clearProperty);
        }
    }

    /** Chooses the libraries and makes them loadable. Called once, before ONNX Runtime's own classes are touched. */
    static Choice choose(Class<?> ours) {
        String path = System.getProperty(PATH_PROPERTY, "");
        if (!path.isEmpty()) { // whoever started this process knows better
            return new Choice(new OrtFlavour(NativeFolder.of(path).flavour(), path, ""), List.of());
        }
        String problem = "";
        if (!OrtRuntime.namedNatives().isEmpty()) {
            NativeFolder folder = NativeFolder.of(OrtRuntime.namedNatives());
            problem = folder.problem(platform(), version(ours));
            if (problem.isEmpty()) {
                var flavour = new OrtFlavour(folder.flavour(), folder.path().toString(), "");
                return new Choice(flavour, prepare(folder));
            }
        }
        return new Choice(new OrtFlavour(OrtFlavour.CPU, "", problem), prepareOurs(ours));
    }

    /** The bundle may have been updated since it was unpacked: then its version tells. */
    private static Optional<NativeFolder> unpacked(Class<?> ours) {
        String folder = System.getProperty(UNPACKED_PROPERTY, "");
        return Optional.of(folder)
                .filter(named -> !named.isBlank())
                .map(named -> NativeFolder.of(Path.of(named, platform()).toString()))
                .filter(found -> found.problem(platform(), version(ours)).isEmpty());
    }

    private static List<String> prepare(NativeFolder folder) {
        try {
            Path loadable = folder.loadable();
            System.setProperty(PATH_PROPERTY, loadable.toString());
            if (loadable.equals(folder.path())) {
                return List.of(PATH_PROPERTY);
            }
            System.setProperty(SKIP_PROPERTY, "true");
            return List.of(PATH_PROPERTY, SKIP_PROPERTY);
        } catch (IOException e) {
            throw new UncheckedIOException("native libraries cannot be prepared: " + e.getMessage(), e);
        }
    }

    /** Those that come with this bundle. */
    private static List<String> prepareOurs(Class<?> ours) {
        Optional<NativeFolder> unpacked = unpacked(ours);
        if (unpacked.isPresent()) {
            return prepare(unpacked.get());
        }
        String name = ours.getSimpleName() + ".class";
        URL self = ours.getResource(name);
        boolean flat = self != null
                && (self.getProtocol().equals("jar") || self.getProtocol().equals("file"));
        if (!flat
                || System.getProperty("onnxruntime.native.onnxruntime.path") != null
                || ours.getResource("/" + resource(LIBRARIES.get(0))) == null) {
            return List
                    .of(); // a framework's class loader answers for the libraries, or ONNX Runtime's own jar is there
        }
        try {
            System.setProperty(PATH_PROPERTY, extract(ours, folder()).toString());
            return List.of(PATH_PROPERTY);
        } catch (IOException e) {
            throw new UncheckedIOException("native libraries could not be extracted: " + e.getMessage(), e);
        }
    }

    /**
     * Deletes the folder {@code onnxruntime-java*} in the system's temporary folder, which ONNX Runtime makes whether it
     * extracts anything or not, and deletes at an orderly end only: a killed process would leave it behind each time.
     */
    static void deleteTemporaryFolder() {
        try {
            Field field = Class.forName("ai.onnxruntime.OnnxRuntime").getDeclaredField("tempDirectory");
            field.setAccessible(true);
            if (field.get(null) instanceof Path folder) {
                Files.deleteIfExists(folder);
            }
        } catch (ReflectiveOperationException | InaccessibleObjectException | IOException e) {
            // another version keeps it elsewhere, or something lies in it: then it is deleted at the orderly end
        }
    }

    /** {@return the version that ONNX Runtime's classes belong to; empty where the build has left no word of it} */
    static String version(Class<?> ours) {
        try (InputStream in = ours.getResourceAsStream("/META-INF/onnxruntime/VERSION")) {
            return in == null ? "" : new String(in.readAllBytes(), StandardCharsets.UTF_8).strip();
        } catch (IOException e) {
            throw new UncheckedIOException("the version in this bundle cannot be read: " + e.getMessage(), e);
        }
    }

    /** Where this process has mapped the two libraries from. */
    static List<Path> loaded() throws IOException {
        List<String> maps = Files.readAllLines(Path.of("/proc/self/maps"), StandardCharsets.UTF_8);
        return LIBRARIES.stream()
                .map(library -> maps.stream()
                        .filter(line -> line.endsWith("/" + library))
                        .findFirst()
                        .map(line -> Path.of(line.substring(line.indexOf('/'))))
                        .orElseThrow(() -> new IllegalStateException(
                                library + " is not mapped into this process from a file of that name")))
                .toList();
    }

    static Path extract(Class<?> ours, Path folder) throws IOException {
        Files.createDirectories(folder);
        for (String library : LIBRARIES) {
            Path target = folder.resolve(library);
            if (same(ours, library, target)) {
                continue;
            }
            Path temporary = folder.resolve(library + "." + UUID.randomUUID());
            try (InputStream in = open(ours, library)) {
                Files.copy(in, temporary);
                Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
            } finally {
                Files.deleteIfExists(temporary);
            }
        }
        return folder;
    }

    /** Compares contents, not dates: a half-written or planted file is replaced. */
    private static boolean same(Class<?> ours, String library, Path target) throws IOException {
        if (!Files.isRegularFile(target, LinkOption.NOFOLLOW_LINKS)) {
            return false;
        }
        byte[] expected = new byte[1 << 16];
        byte[] found = new byte[1 << 16];
        try (InputStream a = open(ours, library);
                InputStream b = Files.newInputStream(target)) {
            while (true) {
                int n = a.readNBytes(expected, 0, expected.length);
                int m = b.readNBytes(found, 0, found.length);
                if (n != m || !java.util.Arrays.equals(expected, 0, n, found, 0, n)) {
                    return false;
                }
                if (n == 0) {
                    return true;
                }
            }
        }
    }

    private static InputStream open(Class<?> ours, String library) throws IOException {
        InputStream in = ours.getResourceAsStream("/" + resource(library));
        if (in == null) {
            throw new IOException("/" + resource(library) + " is not in the jar, this build does not support "
                    + platform() + "; expected linux-x64 or linux-aarch64");
        }
        return in;
    }

    private static String resource(String library) {
        return "n/ai/onnxruntime/native/" + platform() + "/" + library;
    }

    /** Below edgewright.home where that is set, else private to the user: never a shared temporary folder. */
    private static Path folder() throws IOException {
        String home = System.getProperty("edgewright.home", "");
        Path base = home.isBlank() ? Path.of(System.getProperty("user.home", "."), ".edgewright") : Path.of(home);
        Path folder = base.toAbsolutePath().resolve("natives").resolve("onnxruntime-" + platform());
        try {
            Files.createDirectories(folder);
            if (Files.isWritable(folder)) {
                return folder;
            }
        } catch (IOException e) {
            // a read-only home: a private temporary folder does as well, only slower
        }
        Path temporary = Files.createTempDirectory("edgewright-natives");
        LIBRARIES.forEach(library -> temporary.resolve(library).toFile().deleteOnExit());
        temporary.toFile().deleteOnExit();
        return temporary;
    }
}
