// SPDX-License-Identifier: Apache-2.0
package io.edgewright.api.model;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The formats that bundles of Edgewright read, so that a file is called what it is even where the bundle is missing. A
 * driver with a format of its own needs no entry here: its {@link ModelInspector} tells the extensions.
 */
public enum KnownFormat {
    /** Open Neural Network Exchange, a Protocol Buffers message. */
    ONNX("onnx", List.of("onnx"), "io.edgewright.onnx"),
    /** LiteRT, formerly TensorFlow Lite: a FlatBuffer with the identifier {@code TFL3}. */
    TFLITE("tflite", List.of("tflite"), "io.edgewright.accelerator.litert"),
    /** TorchScript: a zip with {@code constants.pkl} and code. */
    TORCHSCRIPT("torchscript", List.of("pt", "jit", "ptl"), "io.edgewright.accelerator.torch");

    /** How many bytes of a file's beginning {@link #ofContent} looks at. */
    public static final int HEAD_BYTES = 256;

    private final String format;
    private final List<String> extensions;
    private final String bundle;

    KnownFormat(String format, List<String> extensions, String bundle) {
        this.format = format;
        this.extensions = extensions;
        this.bundle = bundle;
    }

    /** {@return the name in manifests, such as {@code onnx}} */
    public String format() {
        return format;
    }

    /** {@return the file name extensions, without the dot, in lower case; the usual one first} */
    public List<String> extensions() {
        return extensions;
    }

    /** {@return what to do where nothing reads the format: one clause without a full stop} */
    public String advice() {
        return "install the bundle " + bundle + ", which reads " + format + " files";
    }

    /**
     * {@return the format of this name}
     *
     * @param format such as {@code tflite}
     */
    public static Optional<KnownFormat> of(String format) {
        return List.of(values()).stream().filter(k -> k.format.equals(format)).findFirst();
    }

    /**
     * {@return the format that the extension of a file name means}
     *
     * @param fileName such as {@code model.tflite}, with or without a path
     */
    public static Optional<KnownFormat> ofFile(String fileName) {
        String extension = fileName.substring(fileName.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
        return List.of(values()).stream()
                .filter(k -> k.extensions.contains(extension))
                .findFirst();
    }

    /**
     * {@return the format that the first bytes of a file mean; empty for ONNX too, which has no mark of its own}
     *
     * <p>Sources: a FlatBuffer's identifier is in bytes 4 to 7; {@code torch.jit.save} writes a zip whose first entry is
     * {@code <name>/data.pkl} or {@code <name>/version}, {@code <name>/data/0}; its entries are
     * aligned by an extra field {@code FB} of its own.
     *
     * @param head the first {@link #HEAD_BYTES}, or all of a shorter file
     */
    public static Optional<KnownFormat> ofContent(byte[] head) {
        String text = new String(head, StandardCharsets.ISO_8859_1);
        if (text.startsWith("TFL3", 4)) {
            return Optional.of(TFLITE);
        }
        if (text.startsWith("PK\3\4") && head.length > 30) {
            int nameLength = Math.min(head.length - 30, (head[26] & 0xFF) | (head[27] & 0xFF) << 8);
            boolean aligned = (head[28] | head[29]) != 0 && text.startsWith("FB", 30 + nameLength);
            String first = text.substring(30, 30 + nameLength);
            int slash = first.indexOf('/');
            String entry = first.substring(slash + 1);
            if (slash > 0 && (aligned || entry.matches("data\\.pkl|version|constants\\.pkl|data/\\d+"))) {
                return Optional.of(TORCHSCRIPT);
            }
        }
        return Optional.empty();
    }
}
