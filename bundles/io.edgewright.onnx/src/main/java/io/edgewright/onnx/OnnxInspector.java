// SPDX-License-Identifier: Apache-2.0
package io.edgewright.onnx;

import io.edgewright.api.model.ModelException;
import io.edgewright.api.model.ModelException.Reason;
import io.edgewright.api.model.ModelInspector;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.osgi.service.component.annotations.Component;

/** Inspects ONNX files for stores. */
@Component(name = "io.edgewright.onnx", service = ModelInspector.class, property = "kura.ui.service.hide:Boolean=true")
public final class OnnxInspector implements ModelInspector {

    private static final Set<String> PASSED_ON =
            Set.of("task", "decoder", "labels", "source", "licence", "description");

    @Override
    public String format() {
        return "onnx";
    }

    @Override
    public List<String> extensions() {
        return List.of("onnx");
    }

    @Override
    public Inspection inspect(Path file) throws ModelException {
        try {
            OnnxModelInfo info = OnnxModelInfo.read(file);
            List<String> external = new ArrayList<>();
            for (String location : info.externalFiles()) {
                external.add(ExternalFiles.inside(file, location));
            }
            return new Inspection(
                    info.inputs(), info.outputs(), external.stream().distinct().toList(), properties(info));
        } catch (MalformedModelException e) {
            throw new ModelException(
                    Reason.INVALID_MODEL, "'" + file.getFileName() + "' is no valid ONNX file: " + e.getMessage(), e);
        } catch (IOException e) {
            throw new ModelException(Reason.STORAGE, "'" + file + "' could not be read: " + e, e);
        }
    }

    private static Map<String, String> properties(OnnxModelInfo info) {
        Map<String, String> properties = new TreeMap<>();
        info.metadata().forEach((key, value) -> {
            if (PASSED_ON.contains(key) || key.startsWith("image.")) {
                properties.put(key, value);
            }
        });
        image(info.metadata(), properties);
        properties.put("onnx.ir", String.valueOf(info.irVersion()));
        Long opset = info.opsets().getOrDefault("", info.opsets().get("ai.onnx"));
        if (opset != null) {
            properties.put("onnx.opset", opset.toString());
        }
        putUnlessBlank(properties, "onnx.producer", info.producer());
        putUnlessBlank(
                properties,
                "onnx.domains",
                info.customDomains().stream().sorted().collect(Collectors.joining(", ")));
        putUnlessBlank(properties, "unsupported.inputs", String.join(", ", info.unsupportedInputs()));
        putUnlessBlank(properties, "unsupported.outputs", String.join(", ", info.unsupportedOutputs()));
        return properties;
    }

    private static void putUnlessBlank(Map<String, String> properties, String key, String value) {
        if (!value.isBlank()) {
            properties.put(key, value);
        }
    }

    /** ONNX's own keys for pictures (MetadataProps.md of ONNX), where a key of ours means the same. */
    private static void image(Map<String, String> metadata, Map<String, String> properties) {
        switch (metadata.getOrDefault("Image.BitmapPixelFormat", "")) {
            case "Gray8" -> properties.putIfAbsent("image.color", "GRAY");
            case "Rgb8" -> properties.putIfAbsent("image.color", "RGB");
            case "Bgr8" -> properties.putIfAbsent("image.color", "BGR");
            default -> {} // 16 bits a channel, or an alpha channel: nothing of ours
        }
        switch (metadata.getOrDefault("Image.NominalPixelRange", "")) {
            case "NominalRange_0_255" -> properties.putIfAbsent("image.scale", "1");
            case "Normalized_0_1" -> properties.putIfAbsent("image.scale", String.valueOf(1 / 255.0));
            case "Normalized_1_1" -> {
                if (properties.putIfAbsent("image.scale", String.valueOf(2 / 255.0)) == null) {
                    properties.putIfAbsent("image.mean", "1");
                }
            }
            default -> {} // the studio range 16..235 has no key of ours
        }
    }
}
