// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.plugin;

import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.accelerator.InferenceException.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Finds and checks the library of a provider, and says in words what is wrong with one that does not load. */
final class LibraryFile {

    /** Written by ONNX Runtime to standard error, where a child process shows it. */
    private static final Pattern API_VERSION =
            Pattern.compile("requested API version \\[(\\d+)] is not available, only API versions \\[1, (\\d+)]");

    private static final Pattern MISSING_DEPENDENCY =
            Pattern.compile("error: ([^\\s:/]+): cannot open shared object file");

    private static final Pattern MISSING_VERSION = Pattern.compile("version [`']([^']+)' not found");

    private LibraryFile() {}

    /**
     * {@return the library}
     *
     * @param setting a file, or a folder that holds the preset's file
     * @throws InferenceException with {@code DEVICE_UNAVAILABLE} if it is not there or cannot be loaded by this system
     */
    static Path find(Path setting, Preset preset) throws InferenceException {
        Path file =
                Files.isDirectory(setting) && !preset.library().isEmpty() ? setting.resolve(preset.library()) : setting;
        if (!Files.isRegularFile(file)) {
            throw unavailable("there is no library at " + file + ". " + preset.howToGet());
        }
        try {
            Path real = file.toRealPath();
            var wrong = ElfFile.complaint(real, System.getProperty("os.arch", ""));
            if (wrong.isPresent()) {
                throw unavailable("library " + file + " cannot be loaded: " + wrong.get() + ". " + preset.howToGet());
            }
            return real;
        } catch (IOException e) {
            throw new InferenceException(
                    Reason.DEVICE_UNAVAILABLE,
                    "library " + file + " cannot be read: " + e + ". Let the gateway's user read it",
                    e);
        }
    }

    /** {@return what a verdict about this library holds for: its content, its place, and those who load it} */
    static String fingerprint(Path library, List<String> loaders) throws InferenceException {
        try (InputStream in = Files.newInputStream(library)) {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            byte[] part = new byte[1 << 16];
            for (int n = in.read(part); n >= 0; n = in.read(part)) {
                digest.update(part, 0, n);
            }
            digest.update(String.join("\n", loaders).getBytes(StandardCharsets.UTF_8));
            digest.update(library.toString().getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest.digest(), 0, 16);
        } catch (IOException e) {
            throw new InferenceException(Reason.DEVICE_UNAVAILABLE, "library " + library + " cannot be read: " + e, e);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /**
     * {@return in words what a failed load means, and what to do}
     *
     * @param message of ONNX Runtime, of the system's loader in it, or the last words of a process that it killed
     */
    static String explain(Path library, Preset preset, String message) {
        Matcher version = API_VERSION.matcher(message);
        if (version.find()) {
            return "library %s was built for API version %s of ONNX Runtime, this one has up to %s: %s"
                            .formatted(library, version.group(1), version.group(2), "use an older release of it. ")
                    + preset.howToGet();
        }
        Matcher dependency = MISSING_DEPENDENCY.matcher(message);
        if (dependency.find()) {
            return "library %s needs %s, which this system does not find. Put it beside the library, or install the package that has it; ldd %s lists what is missing"
                    .formatted(library, dependency.group(1), library);
        }
        Matcher system = MISSING_VERSION.matcher(message);
        if (system.find()) {
            return "library %s needs %s, which is newer than this system's. Use a build for an older system, or a newer system. %s"
                    .formatted(library, system.group(1), preset.howToGet());
        }
        if (message.contains("CreateEpFactories")) {
            return "library %s is no plug-in execution provider: it has no function CreateEpFactories. %s"
                    .formatted(library, preset.howToGet());
        }
        if (message.contains("undefined symbol")) {
            return "library %s does not fit the libraries that it uses (%s). Take all of them from one release. %s"
                    .formatted(library, message, preset.howToGet());
        }
        return "library %s did not load: %s. %s".formatted(library, message, preset.howToGet());
    }

    static InferenceException unavailable(String message) {
        return new InferenceException(Reason.DEVICE_UNAVAILABLE, message, null);
    }
}
