// SPDX-License-Identifier: Apache-2.0
package io.edgewright.optimizer;

import io.edgewright.api.model.ModelManifest;
import io.edgewright.api.tensor.Npy;
import io.edgewright.api.tensor.Tensor;
import io.edgewright.api.tensor.TensorSpec;
import io.edgewright.onnx.TensorProtos;
import io.edgewright.vision.ImagePreprocessor;
import io.edgewright.vision.PictureReader;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Makes sample inputs of files, as a model takes them. Thread-safe. */
final class SampleReader {

    private static final long MAX_BYTES = 1L << 30;
    private static final Set<String> TENSORS = Set.of("npy", "pb", "npz");
    private static final Set<String> PICTURES = Set.of("jpg", "jpeg", "png", "bmp", "gif");

    private final ModelManifest manifest;

    SampleReader(ModelManifest manifest) {
        this.manifest = manifest;
    }

    /** A tensor of a file; the name is empty where the file tells none. */
    private record Read(String name, Tensor tensor) {}

    static boolean isTensors(Path file) {
        return TENSORS.contains(extension(file));
    }

    static boolean isPicture(Path file) {
        return PICTURES.contains(extension(file));
    }

    /** {@return true if each file is a sample or several; else those of one folder are one sample together} */
    boolean oneFileEach(Path file) {
        return manifest.inputs().size() == 1
                || isPicture(file)
                || extension(file).equals("npz");
    }

    /** {@return the samples in these files} */
    List<Map<String, Tensor>> read(List<Path> files) throws IOException {
        Path first = files.get(0);
        if (isPicture(first)) {
            return List.of(picture(first));
        }
        List<Read> tensors = new ArrayList<>();
        for (Path file : files) {
            switch (extension(file)) {
                case "npz" ->
                    NpzFile.read(file, MAX_BYTES).forEach((name, array) -> tensors.add(new Read(name, array)));
                case "pb" -> {
                    TensorProtos.Named named = TensorProtos.read(file, MAX_BYTES);
                    tensors.add(new Read(named.name(), named.tensor()));
                }
                default -> tensors.add(new Read(nameIn(file), Npy.read(file, MAX_BYTES)));
            }
        }
        try {
            return SampleShapes.split(assign(tensors), manifest.inputs());
        } catch (IllegalArgumentException e) {
            throw new IOException("'" + first + "': " + e.getMessage(), e);
        }
    }

    private Map<String, Tensor> picture(Path file) throws IOException {
        try {
            ImagePreprocessor preprocessor = ImagePreprocessor.of(manifest, manifest.inputs());
            TensorSpec input = manifest.inputs().stream()
                    .filter(i -> i.name().equals(preprocessor.input()))
                    .findFirst()
                    .orElseThrow();
            if (manifest.inputs().size() > 1) {
                throw new IllegalArgumentException(
                        "the model takes %d inputs, expected .npz files with one array for each"
                                .formatted(manifest.inputs().size()));
            }
            Tensor tensor = Tensor.zeros(input.type(), preprocessor.shape());
            preprocessor.write(PictureReader.DEFAULT.read(file), tensor);
            return Map.of(input.name(), tensor);
        } catch (IllegalArgumentException e) {
            throw new IOException("'" + file + "': " + e.getMessage(), e);
        }
    }

    /** By name where a name is that of an input, the others in their order. */
    private Map<String, Tensor> assign(List<Read> tensors) {
        List<TensorSpec> left = new ArrayList<>(manifest.inputs());
        Map<String, Tensor> assigned = new LinkedHashMap<>();
        List<Read> unnamed = new ArrayList<>();
        for (Read read : tensors) {
            Optional<TensorSpec> spec =
                    left.stream().filter(s -> s.name().equals(read.name)).findFirst();
            if (spec.isPresent()) {
                left.remove(spec.get());
                assigned.put(read.name, read.tensor);
            } else {
                unnamed.add(read);
            }
        }
        if (unnamed.size() != left.size()) {
            throw new IllegalArgumentException("found %d arrays %s, expected one for each of the inputs %s"
                    .formatted(
                            tensors.size(),
                            tensors.stream().map(Read::name).toList(),
                            manifest.inputs().stream().map(TensorSpec::name).toList()));
        }
        for (int i = 0; i < left.size(); i++) {
            assigned.put(left.get(i).name(), unnamed.get(i).tensor);
        }
        return assigned;
    }

    /** {@code input.<name>.npy}, as in golden pairs. */
    private static String nameIn(Path file) throws IOException {
        String name = String.valueOf(file.getFileName());
        if (!name.startsWith("input.") || name.length() <= "input..npy".length()) {
            return "";
        }
        try {
            String encoded = name.substring("input.".length(), name.length() - ".npy".length());
            return URLDecoder.decode(encoded.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw new IOException("'" + file + "' has a malformed percent-encoding in its name", e);
        }
    }

    private static String extension(Path file) {
        @Nullable Path last = file.getFileName();
        String name = last == null ? "" : last.toString();
        return name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
    }
}
