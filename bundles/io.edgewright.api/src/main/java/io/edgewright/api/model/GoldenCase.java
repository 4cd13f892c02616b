// SPDX-License-Identifier: Apache-2.0
package io.edgewright.api.model;

import io.edgewright.api.tensor.Npy;
import io.edgewright.api.tensor.Tensor;
import java.io.IOException;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Inputs and the outputs that a model must answer them with; a version that does not is never served. In a package:
 * {@code golden/<case>/input.<name>.npy} and {@code golden/<case>/output.<name>.npy}; characters of a tensor name that
 * cannot be in a file name are percent-encoded (RFC 3986).
 *
 * @param name the folder's name
 * @param inputs one value for each input
 * @param outputs the outputs to compare; those left out are not compared
 */
public record GoldenCase(String name, Map<String, Tensor> inputs, Map<String, Tensor> outputs) {

    private static final String EXTENSION = ".npy";

    /** Copies the maps, not the tensors. */
    public GoldenCase {
        inputs = Map.copyOf(inputs);
        outputs = Map.copyOf(outputs);
    }

    /**
     * {@return the cases in the folder {@code golden} of a package, by name; empty if there is no such folder}
     *
     * @param folder the folder {@code golden}
     * @param maxBytes how many bytes one tensor may have
     * @throws IOException if a file could not be read or is named neither input nor output; the message names the file
     */
    public static List<GoldenCase> readAll(Path folder, long maxBytes) throws IOException {
        List<GoldenCase> cases = new ArrayList<>();
        if (Files.isDirectory(folder)) {
            try (Stream<Path> entries = Files.list(folder)) {
                for (Path entry : entries.filter(Files::isDirectory).sorted().toList()) {
                    cases.add(read(entry, maxBytes));
                }
            }
        }
        return cases;
    }

    /**
     * Writes this case, as {@link #readAll} reads it.
     *
     * @param folder the folder {@code golden} of a package; the case's folder is made in it
     * @throws IOException if a file could not be written
     */
    public void write(Path folder) throws IOException {
        Path own = Files.createDirectories(folder.resolve(name));
        for (Map.Entry<String, Tensor> input : inputs.entrySet()) {
            Npy.write(own.resolve("input." + encode(input.getKey()) + EXTENSION), input.getValue());
        }
        for (Map.Entry<String, Tensor> output : outputs.entrySet()) {
            Npy.write(own.resolve("output." + encode(output.getKey()) + EXTENSION), output.getValue());
        }
    }

    private static GoldenCase read(Path folder, long maxBytes) throws IOException {
        Map<String, Tensor> inputs = new HashMap<>();
        Map<String, Tensor> outputs = new HashMap<>();
        try (Stream<Path> entries = Files.list(folder)) {
            for (Path file : entries.sorted().toList()) {
                String name = String.valueOf(file.getFileName());
                int dot = name.indexOf('.');
                Map<String, Tensor> side = name.startsWith("input.") ? inputs : outputs;
                if ((side == outputs && !name.startsWith("output."))
                        || !name.endsWith(EXTENSION)
                        || name.length() <= dot + 1 + EXTENSION.length()) {
                    throw new IOException(
                            "golden file '" + file + "' is named neither input.<name>.npy nor " + "output.<name>.npy");
                }
                String tensor = decode(name.substring(dot + 1, name.length() - EXTENSION.length()), file);
                side.put(tensor, Npy.read(file, maxBytes));
            }
        }
        return new GoldenCase(String.valueOf(folder.getFileName()), inputs, outputs);
    }

    private static String encode(String tensor) {
        // the encoder is one for web forms, where a blank becomes a plus
        return URLEncoder.encode(tensor, StandardCharsets.UTF_8).replace("+", "%20");
    }

    private static String decode(String encoded, Path file) throws IOException {
        try {
            // the decoder is one for web forms, where a plus is a blank
            return URLDecoder.decode(encoded.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw new IOException("golden file '" + file + "' has a malformed percent-encoding in its name", e);
        }
    }
}
