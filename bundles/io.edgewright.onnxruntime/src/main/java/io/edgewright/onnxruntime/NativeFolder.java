// SPDX-License-Identifier: Apache-2.0
package io.edgewright.onnxruntime;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * A folder with another build of the native libraries, which an operator has filled. Looked at before anything is loaded
 * from it: what is wrong with it must not cost the gateway the libraries in the bundle.
 */
final class NativeFolder {

    private static final String CORE = "libonnxruntime.so";
    private static final String BINDING = "libonnxruntime4j_jni.so";
    private static final String CUDA = "libonnxruntime_providers_cuda.so";

    private static final int ELF_HEADER_BYTES = 20;
    private static final int ELF_64 = 2;
    private static final int X86_64 = 62;
    private static final int AARCH64 = 183;

    private final Path folder;

    private NativeFolder(Path folder) {
        this.folder = folder;
    }

    static NativeFolder of(String folder) {
        return new NativeFolder(Path.of(folder).toAbsolutePath().normalize());
    }

    Path path() {
        return folder;
    }

    /** {@return {@link OrtFlavour#GPU} if the CUDA provider lies here} */
    String flavour() {
        return Files.isRegularFile(folder.resolve(CUDA)) ? OrtFlavour.GPU : OrtFlavour.CPU;
    }

    /**
     * {@return why nothing can be loaded from here; empty if all looks well}
     *
     * @param platform such as {@code linux-x64}
     * @param version the version that the Java classes belong to; empty if unknown
     */
    String problem(String platform, String version) {
        if (!Files.isDirectory(folder)) {
            return "%s is no folder, expected one with %s and %s".formatted(folder, CORE, BINDING);
        }
        try {
            for (String library : List.of(CORE, BINDING)) {
                Path file = folder.resolve(library);
                if (!Files.isReadable(file)) {
                    return "%s cannot be read, expected both %s and %s there".formatted(file, CORE, BINDING);
                }
                String built = platformOf(file);
                if (!built.equals(platform)) {
                    return "%s is built for %s, expected %s".formatted(file, built, platform);
                }
            }
            // the dynamic linker compares the core with this mark; nobody compares it with the Java classes
            if (!version.isEmpty() && !contains(folder.resolve(BINDING), "VERS_" + version)) {
                return "%s belongs to another version of ONNX Runtime, expected %s"
                        .formatted(folder.resolve(BINDING), version);
            }
            return "";
        } catch (IOException e) {
            return "%s cannot be read: %s".formatted(folder, e);
        }
    }

    /**
     * {@return a folder that ONNX Runtime can load from: this one, unless its class loader had a predecessor in this process}
     *
     * <p>Java loads a file for one class loader only, and the predecessor's environment lives as long as the process. The
     * successor therefore gets a copy of the small Java binding, which finds the engine that is loaded already, and links to
     * the providers.
     */
    Path loadable() throws IOException {
        String binding = folder.resolve(BINDING).toRealPath().toString();
        try (Stream<String> maps = Files.lines(Path.of("/proc/self/maps"), StandardCharsets.UTF_8)) {
            if (maps.noneMatch(line -> line.endsWith(" " + binding))) {
                return folder;
            }
        } catch (UncheckedIOException e) {
            return folder; // not told: right at every start but after a refresh
        }
        Path again = Files.createTempDirectory("edgewright-onnxruntime");
        again.toFile().deleteOnExit();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path provider : files.filter(NativeFolder::isProvider).toList()) {
                link(again, provider);
            }
        }
        Path copy = Files.copy(folder.resolve(BINDING), again.resolve(BINDING));
        copy.toFile().deleteOnExit();
        return again;
    }

    private static void link(Path where, Path library) throws IOException {
        Path name = library.getFileName();
        if (name != null) {
            Files.createSymbolicLink(where.resolve(name), library).toFile().deleteOnExit();
        }
    }

    private static boolean isProvider(Path file) {
        Path name = file.getFileName();
        return name != null && name.toString().startsWith("libonnxruntime_providers_");
    }

    /** Reads the ELF header: magic, class and machine, as the ELF-64 object file format has them. */
    private static String platformOf(Path library) throws IOException {
        byte[] header;
        try (InputStream in = Files.newInputStream(library)) {
            header = in.readNBytes(ELF_HEADER_BYTES);
        }
        if (header.length < ELF_HEADER_BYTES
                || header[0] != 0x7f
                || !new String(header, 1, 3, StandardCharsets.US_ASCII).equals("ELF")) {
            return "no Linux (it is no ELF file of " + Files.size(library) + " bytes)";
        }
        int machine = (header[18] & 0xff) | (header[19] & 0xff) << 8;
        if (header[4] != ELF_64) {
            return "32 bits";
        }
        return switch (machine) {
            case X86_64 -> "linux-x64";
            case AARCH64 -> "linux-aarch64";
            default -> "ELF machine " + machine;
        };
    }

    private static boolean contains(Path file, String text) throws IOException {
        return new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1).contains(text + "\0");
    }
}
