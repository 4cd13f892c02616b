// SPDX-License-Identifier: Apache-2.0
package io.edgewright.api.model;

import io.edgewright.api.tensor.TensorSpec;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * What is known about a model without opening it. Written as {@code model.json}; immutable once stored.
 *
 * <p>Keys of {@link #properties()} that Edgewright itself understands (all optional):
 * <ul>
 *   <li>{@code task}: {@code classification}, {@code detection}, {@code regression}, {@code segmentation}, ...
 *   <li>{@code decoder}: {@code fastestdet}, {@code yolox}, {@code nanodet}, {@code ssd}, {@code ultraface},
 *       {@code yunet}
 *   <li>{@code image.input}: the input that takes the picture, where there are several
 *   <li>{@code image.layout}: {@code NCHW} or {@code NHWC}; {@code image.color}: {@code RGB}, {@code BGR}, {@code GRAY}
 *   <li>{@code image.resize}: {@code stretch}, {@code letterbox} or {@code crop}; {@code image.pad}: the fill, 0..255
 *   <li>{@code image.scale}, {@code image.mean}, {@code image.std}: per channel, in the order of {@code image.color},
 *       {@code (pixel * scale - mean) / std} with the pixel 0..255; one number or one a channel, by commas
 *   <li>{@code image.size}: {@code 640x480}, where the model leaves the picture's width or height open
 *   <li>{@code nms.iou}: the overlap, 0..1, from which two boxes of a class are one
 *   <li>{@code labels}: the class names, one a line
 *   <li>{@code quantization.NAME}: {@code SCALE/ZERO_POINT} of the 8-bit input or output of that name, such as
 *       {@code 0.00390625/-128}: real = scale * (integer - zero point)
 *   <li>{@code source}, {@code licence}, {@code description}
 * </ul>
 *
 * @param id name and version
 * @param format of the first form: {@code onnx}, {@code tflite}, {@code torchscript} or another that a driver takes
 * @param file the name of the model file within the package, such as {@code model.onnx}
 * @param digest SHA-256 of the model file, 64 lower-case hexadecimal digits
 * @param sizeBytes the size of the model file and its external data together
 * @param inputs in graph order
 * @param outputs in graph order
 * @param files the other files of the package (external data, labels, golden pairs, further forms): relative path with
 *     {@code /} to SHA-256
 * @param properties further facts, keys as above
 * @param alternatives the further forms of the model, the preferred first; empty for a model of one format. The first form
 *     comes before all of them
 */
public record ModelManifest(
        ModelId id,
        String format,
        String file,
        String digest,
        long sizeBytes,
        List<TensorSpec> inputs,
        List<TensorSpec> outputs,
        Map<String, String> files,
        Map<String, String> properties,
        List<ModelForm> alternatives) {

    private static final Pattern DIGEST = Pattern.compile("[0-9a-f]{64}");

    /** Checks and copies; a form that does not agree with the first one is refused, as {@link ModelForm} says. */
    public ModelManifest {
        checkDigest(file, digest);
        checkPath(file);
        checkSize(sizeBytes);
        inputs = List.copyOf(inputs);
        outputs = List.copyOf(outputs);
        files = Map.copyOf(files);
        files.forEach((path, sha256) -> {
            checkPath(path);
            checkDigest(path, sha256);
        });
        properties = Map.copyOf(properties);
        alternatives = List.copyOf(alternatives);
        Set<String> formats = new HashSet<>(Set.of(format));
        for (ModelForm form : alternatives) {
            if (!formats.add(form.format())) {
                throw new IllegalArgumentException(
                        "the format " + form.format() + " is there twice, expected each format once in a package");
            }
            if (!form.digest().equals(files.get(form.file()))) {
                throw new IllegalArgumentException("the form '%s' has digest %s, and files say %s"
                        .formatted(form.file(), form.digest(), files.get(form.file())));
            }
            ModelForm.match("inputs of '" + form.file() + "'", inputs, form.inputs());
            ModelForm.match("outputs of '" + form.file() + "'", outputs, form.outputs());
        }
    }

    /** A model of one format; parameters as above. */
    public ModelManifest(
            ModelId id,
            String format,
            String file,
            String digest,
            long sizeBytes,
            List<TensorSpec> inputs,
            List<TensorSpec> outputs,
            Map<String, String> files,
            Map<String, String> properties) {
        this(id, format, file, digest, sizeBytes, inputs, outputs, files, properties, List.of());
    }

    /** {@return the formats that the model comes in, the preferred first} */
    public List<String> formats() {
        return Stream.concat(Stream.of(format), alternatives.stream().map(ModelForm::format))
                .toList();
    }

    /**
     * {@return this model seen in one of its forms alone, as a driver gets it: format, file, digest, size and shapes are those
     * of the form; id, properties and the names of the tensors stay}
     *
     * @param wanted one of {@link #formats()}
     * @throws IllegalArgumentException if the model does not come in that format; the message lists those it has
     */
    public ModelManifest in(String wanted) {
        if (wanted.equals(format)) {
            return alternatives.isEmpty()
                    ? this
                    : new ModelManifest(id, format, file, digest, sizeBytes, inputs, outputs, files, properties);
        }
        for (ModelForm form : alternatives) {
            if (form.format().equals(wanted)) {
                Map<String, String> others = new HashMap<>(files);
                others.remove(form.file());
                others.put(file, digest);
                return new ModelManifest(
                        id,
                        form.format(),
                        form.file(),
                        form.digest(),
                        form.sizeBytes(),
                        renamed(inputs, form.inputs()),
                        renamed(outputs, form.outputs()),
                        others,
                        properties);
            }
        }
        throw new IllegalArgumentException("model %s comes in %s, not in %s".formatted(id, formats(), wanted));
    }

    /**
     * {@return the property, or the fallback}
     *
     * @param key such as {@code image.layout}
     * @param fallback if it is not set
     */
    public String property(String key, String fallback) {
        return properties.getOrDefault(key, fallback);
    }

    /** {@return the class names in order of their index; empty if the manifest has none} */
    public List<String> labels() {
        String labels = properties.getOrDefault("labels", "");
        return labels.isBlank()
                ? List.of()
                : labels.strip().lines().map(String::strip).toList();
    }

    private static List<TensorSpec> renamed(List<TensorSpec> names, List<TensorSpec> form) {
        List<TensorSpec> matched = ModelForm.match("tensors", names, form);
        return IntStream.range(0, names.size())
                .mapToObj(i -> new TensorSpec(
                        names.get(i).name(),
                        matched.get(i).type(),
                        matched.get(i).shape()))
                .toList();
    }

    @Override
    public int hashCode() { // written out, as the first use of the generated one costs a start milliseconds
        return digest.hashCode();
    }

    static void checkSize(long sizeBytes) {
        if (sizeBytes < 0) {
            throw new IllegalArgumentException("sizeBytes is " + sizeBytes + ", expected 0 or more");
        }
    }

    static void checkDigest(String path, String digest) {
        if (!DIGEST.matcher(digest).matches()) {
            throw new IllegalArgumentException("digest of '" + path + "' is '" + digest
                    + "', expected 64 lower-case hexadecimal digits (SHA-256)");
        }
    }

    static void checkPath(String path) {
        boolean outside = path.isBlank()
                || path.startsWith("/")
                || path.contains("\\")
                || path.chars().anyMatch(c -> c < ' ')
                || List.of(path.split("/", -1)).stream().anyMatch(p -> p.isEmpty() || p.equals(".") || p.equals(".."));
        if (outside) {
            throw new IllegalArgumentException(
                    "path '" + path + "' leaves the model's folder, expected a relative path like data/weights.bin");
        }
    }
}
