// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.litert;

import io.edgewright.accelerator.litert.FlatBuffer.Table;
import io.edgewright.accelerator.litert.TfliteModel.Port;
import io.edgewright.accelerator.litert.TfliteModel.Quantization;
import io.edgewright.api.tensor.ElementType;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/**
 * What the metadata of a model mean in terms of a manifest. Numbers of fields are those of {@code metadata_schema.fbs} (TensorFlow
 * Lite Support); the files that metadata name lie in a zip behind the model, in the same file.
 */
final class TfliteMetadata {

    private static final int IMAGE_PROPERTIES = 2;
    private static final int NORMALIZATION = 1;
    private static final int AXIS_LABELS = 2;
    private static final int VALUE_LABELS = 3;
    private static final int MAX_LABELS = 1 << 20;

    private final TfliteModel model;
    private final Map<String, String> properties = new TreeMap<>();

    private TfliteMetadata(TfliteModel model) {
        this.model = model;
    }

    /**
     * {@return properties as in a manifest}
     *
     * @param model with its metadata
     * @param file where it lies
     */
    static Map<String, String> properties(TfliteModel model, Path file) throws IOException {
        var reader = new TfliteMetadata(model);
        if (model.metadata().isPresent()) {
            reader.read(model.metadata().get().root("M001"), file);
        }
        return reader.properties;
    }

    private void read(Table root, Path file) throws IOException {
        put("description", root.text(1).isBlank() ? root.text(0) : root.text(1));
        put("licence", root.text(5));
        List<Table> subgraphs = root.tables(3);
        if (subgraphs.isEmpty()) {
            return;
        }
        List<Table> inputs = subgraphs.get(0).tables(2);
        for (int i = 0; i < Math.min(inputs.size(), model.inputs().size()); i++) {
            input(inputs.get(i), model.inputs().get(i));
        }
        List<Table> named = new ArrayList<>();
        for (Table output : subgraphs.get(0).tables(3)) {
            named.addAll(output.tables(6));
        }
        for (Table associated : named) {
            int kind = associated.byteOf(2, 0);
            if ((kind == AXIS_LABELS || kind == VALUE_LABELS) && !properties.containsKey("labels")) {
                put("labels", packed(file, associated.text(0)).strip());
            }
        }
    }

    private void input(Table metadata, Port port) throws MalformedException {
        Optional<Table> content = metadata.table(3);
        if (content.isEmpty() || content.get().byteOf(0, 0) != IMAGE_PROPERTIES) {
            return;
        }
        Optional<Table> image = content.get().table(1);
        switch (image.isPresent() ? image.get().byteOf(0, 0) : 0) {
            case 1 -> put("image.color", "RGB");
            case 2 -> put("image.color", "GRAY");
            default -> {} // unknown: the number of channels tells
        }
        if (model.inputs().size() > 1) {
            put("image.input", port.name());
        }
        for (Table unit : metadata.tables(4)) {
            Optional<Table> options = unit.table(1);
            if (unit.byteOf(0, 0) == NORMALIZATION && options.isPresent()) {
                normalization(
                        options.get().vector(0, 4).floats(),
                        options.get().vector(1, 4).floats(),
                        port);
            }
        }
    }

    /**
     * {@code (pixel - mean) / std} is the real number; an integer input takes it in its own units,
     * {@code real / scale + zeroPoint}.
     */
    private void normalization(float[] mean, float[] std, Port port) {
        boolean sound = mean.length > 0 && mean.length == std.length && mean.length <= 4;
        for (int i = 0; sound && i < mean.length; i++) {
            sound = Float.isFinite(mean[i]) && Float.isFinite(std[i]) && std[i] != 0;
        }
        if (!sound) {
            return;
        }
        boolean floats =
                TfliteTypes.of(port.type()).filter(ElementType::isFloatingPoint).isPresent();
        if (floats) {
            put("image.scale", "1");
            put("image.mean", join(mean));
            put("image.std", join(std));
            return;
        }
        if (port.quantization().isEmpty()) {
            return;
        }
        Quantization units = port.quantization().get();
        float[] factor = new float[mean.length];
        float[] shift = new float[mean.length];
        for (int i = 0; i < mean.length; i++) {
            factor[i] = 1 / (std[i] * units.scale());
            shift[i] = mean[i] * factor[i] - units.zeroPoint();
        }
        if (!isUsual(factor, shift, port)) {
            put("image.scale", join(factor));
            put("image.mean", join(shift));
        }
    }

    /** The pixel itself, or less 128 for signed integers: what is done without being told, to half a unit. */
    private static boolean isUsual(float[] factor, float[] shift, Port port) {
        float usual =
                TfliteTypes.of(port.type()).filter(t -> t == ElementType.INT8).isPresent() ? 128 : 0;
        for (int i = 0; i < factor.length; i++) {
            if (Math.abs(factor[i] - 1) > 0.01 || Math.abs(shift[i] - usual) > 1) {
                return false;
            }
        }
        return true;
    }

    private static String join(float[] numbers) {
        StringBuilder text = new StringBuilder();
        for (float number : numbers) {
            text.append(text.isEmpty() ? "" : ",")
                    .append(number == Math.rint(number) ? String.valueOf((long) number) : String.valueOf(number));
        }
        return text.toString();
    }

    /** {@return the content of a file in the zip behind the model; empty if there is none of a bearable size} */
    private static String packed(Path file, String name) throws IOException {
        try (ZipFile zip = new ZipFile(file.toFile())) {
            ZipEntry entry = zip.getEntry(name);
            if (entry == null) {
                return "";
            }
            try (InputStream in = zip.getInputStream(entry)) {
                byte[] content = in.readNBytes(MAX_LABELS + 1);
                return content.length > MAX_LABELS ? "" : new String(content, StandardCharsets.UTF_8);
            }
        } catch (ZipException e) {
            return ""; // metadata that name a file which was never packed
        }
    }

    private void put(String key, String value) {
        if (!value.isBlank()) {
            properties.put(key, value.strip());
        }
    }
}
