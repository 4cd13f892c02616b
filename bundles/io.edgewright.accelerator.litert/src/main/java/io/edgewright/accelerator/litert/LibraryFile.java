// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.litert;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.accelerator.InferenceException.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Looks at a shared library before the system's loader does, whose words help few: there, readable, and for this processor. */
final class LibraryFile {

    private LibraryFile() {}

    /**
     * Finds a library.
     *
     * @param library a path, or a name to look for where the system's loader looks
     * @param hint what to install if it is not there
     * @return its path, or the name where only the loader may know
     * @throws InferenceException with {@code DEVICE_UNAVAILABLE}
     */
    static String check(String library, String hint) throws InferenceException {
        Optional<Path> file = find(library);
        if (file.isEmpty()) {
            if (library.contains("/")) {
                throw unavailable("%s is not there; %s".formatted(library, hint), null);
            }
            return library;
        }
        byte[] head;
        try (InputStream in = Files.newInputStream(file.get())) {
            head = in.readNBytes(20);
        } catch (IOException e) {
            throw unavailable("%s cannot be read: %s".formatted(file.get(), e), e);
        }
        checkHead(file.get(), head);
        return file.get().toString();
    }

    /** {@return a short text that changes with the library's content or its options} */
    static String fingerprint(String library, Map<String, String> options) throws InferenceException {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            Path file = Path.of(library);
            digest.update(Files.isRegularFile(file) ? Files.readAllBytes(file) : library.getBytes(UTF_8));
            digest.update(new TreeMap<>(options).toString().getBytes(UTF_8));
            return HexFormat.of().formatHex(digest.digest(), 0, 16);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        } catch (IOException e) {
            throw unavailable("%s cannot be read: %s".formatted(library, e), e);
        }
    }

    /** The header of the Executable and Linkable Format: class at 4, byte order at 5, machine at 18. */
    private static void checkHead(Path file, byte[] head) throws InferenceException {
        boolean elf = head.length == 20 && head[0] == 0x7f && head[1] == 'E' && head[2] == 'L' && head[3] == 'F';
        if (!elf) {
            throw unavailable("%s is no shared library of Linux (ELF)".formatted(file), null);
        }
        int machine = (head[18] & 0xff) | (head[19] & 0xff) << 8;
        String built = head[4] == 2
                ? switch (machine) {
                    case 62 -> "x86_64";
                    case 183 -> "aarch64";
                    case 243 -> "riscv64";
                    default -> "machine " + machine;
                }
                : machine == 40 ? "32-bit arm" : "another 32-bit machine (" + machine + ")";
        String expected = LitertLibrary.processor();
        if (!built.equals(expected)) {
            throw unavailable(
                    "%s is built for %s, expected %s: install the build for this processor"
                            .formatted(file, built, expected),
                    null);
        }
    }

    private static Optional<Path> find(String library) throws InferenceException {
        if (library.contains("/")) {
            return Optional.of(Path.of(library)).filter(Files::exists);
        }
        String triplet = LitertLibrary.processor() + "-linux-gnu";
        List<String> folders = new ArrayList<>(
                List.of(System.getenv().getOrDefault("LD_LIBRARY_PATH", "").split(":")));
        folders.addAll(List.of(
                "/usr/local/lib",
                "/usr/lib/" + triplet,
                "/lib/" + triplet,
                "/usr/lib64",
                "/usr/lib",
                "/lib",
                "/opt/lib"));
        return folders.stream()
                .filter(f -> !f.isBlank())
                .map(f -> Path.of(f, library))
                .filter(Files::exists)
                .findFirst();
    }

    private static InferenceException unavailable(String message, @org.jspecify.annotations.Nullable Throwable cause) {
        return new InferenceException(Reason.DEVICE_UNAVAILABLE, message, cause);
    }
}
