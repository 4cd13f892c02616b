// SPDX-License-Identifier: Apache-2.0
package io.edgewright.api.model;

import io.edgewright.api.tensor.TensorSpec;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * What is known about a model without opening it. Written as {@code model.json}; immutable once stored.
 *
 * <p>Keys of {@link #properties()} that Edgewright itself understands (all optional):
 * <ul>
 *   <li>{@code task}: {@code classification}, {@code detection}, {@code regression}, {@code segmentation}, ...
 *   <li>{@code decoder}: {@code fastestdet}, {@code yolox}, {@code nanodet}, {@code ssd}, {@code ultraface}
 *   <li>{@code image.input}: the input that takes the picture, where there are several
 *   <li>{@code image.layout}: {@code NCHW} or {@code NHWC}; {@code image.color}: {@code RGB}, {@code BGR}, {@code GRAY}
 *   <li>{@code image.resize}: {@code stretch}, {@code letterbox} or {@code crop}; {@code image.pad}: the fill, 0..255
 *   <li>{@code image.scale}, {@code image.mean}, {@code image.std}: per channel, in the order of {@code image.color},
 *       {@code (pixel * scale - mean) / std} with the pixel 0..255; one number or one a channel, by commas
 *   <li>{@code image.size}: {@code 640x480}, where the model leaves the picture's width or height open
 *   <li>{@code nms.iou}: the overlap, 0..1, from which two boxes of a class are one
 *   <li>{@code labels}: the class names, one a line
 *   <li>{@code source}, {@code licence}, {@code description}
 * </ul>
 *
 * @param id name and version
 * @param format {@code onnx}, {@code tflite} or {@code torchscript}
 * @param file the name of the model file within the package, such as {@code model.onnx}
 * @param digest SHA-256 of the model file, 64 lower-case hexadecimal digits
 * @param sizeBytes the size of the model file and its external data together
 * @param inputs in graph order
 * @param outputs in graph order
 * @param files the other files of the package (external data, labels, golden pairs): relative path with {@code /} to
 *     SHA-256
 * @param properties further facts, keys as above
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
        Map<String, String> properties) {

    private static final Pattern DIGEST = Pattern.compile("[0-9a-f]{64}");

    /** Checks and copies. */
    public ModelManifest {
        checkDigest(file, digest);
        checkPath(file);
        if (sizeBytes < 0) {
            throw new IllegalArgumentException("sizeBytes is " + sizeBytes + ", expected 0 or more");
        }
        inputs = List.copyOf(inputs);
        outputs = List.copyOf(outputs);
        files = Map.copyOf(files);
        files.forEach((path, sha256) -> {
            checkPath(path);
            checkDigest(path, sha256);
        });
        properties = Map.copyOf(properties);
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

    private static void checkDigest(String path, String digest) {
        if (!DIGEST.matcher(digest).matches()) {
            throw new IllegalArgumentException("digest of '" + path + "' is '" + digest
                    + "', expected 64 lower-case hexadecimal digits (SHA-256)");
        }
    }

    private static void checkPath(String path) {
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
