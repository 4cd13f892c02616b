// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.litert;

import io.edgewright.accelerator.litert.TfliteModel.Port;
import io.edgewright.api.model.ModelException;
import io.edgewright.api.model.ModelException.Reason;
import io.edgewright.api.model.ModelInspector;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.osgi.service.component.annotations.Component;

/** Inspects TensorFlow Lite files for stores; works where their libraries do not. */
@Component(
        name = "io.edgewright.accelerator.litert.inspector",
        service = ModelInspector.class,
        property = "kura.ui.service.hide:Boolean=true")
public final class TfliteInspector implements ModelInspector {

    @Override
    public String format() {
        return LitertDevice.FORMAT;
    }

    @Override
    public List<String> extensions() {
        return List.of("tflite", "lite");
    }

    @Override
    public Inspection inspect(Path file) throws ModelException {
        try {
            TfliteModel model = TfliteParser.read(file);
            return new Inspection(
                    TfliteModel.specs(model.inputs()),
                    TfliteModel.specs(model.outputs()),
                    List.of(),
                    properties(model, file));
        } catch (MalformedException e) {
            throw new ModelException(
                    Reason.INVALID_MODEL,
                    "'" + file.getFileName() + "' is no valid TensorFlow Lite file: " + e.getMessage(),
                    e);
        } catch (IOException e) {
            throw new ModelException(Reason.STORAGE, "'" + file + "' could not be read: " + e, e);
        }
    }

    private static Map<String, String> properties(TfliteModel model, Path file) throws IOException {
        Map<String, String> properties = new TreeMap<>(TfliteMetadata.properties(model, file));
        properties.put("tflite.schema", String.valueOf(model.version()));
        put(properties, "tflite.description", model.description());
        put(properties, "tflite.custom", String.join(", ", model.customOps()));
        put(properties, "unsupported.inputs", strange(model.inputs()));
        put(properties, "unsupported.outputs", strange(model.outputs()));
        if (model.inputs().stream().filter(TfliteInspector::isPicture).count() == 1) {
            properties.putIfAbsent("image.layout", "NHWC"); // TensorFlow Lite has no other
        }
        for (List<Port> ports : List.of(model.inputs(), model.outputs())) {
            for (Port port : ports) {
                port.quantization()
                        .ifPresent(q -> properties.put("quantization." + port.name(), q.scale() + "/" + q.zeroPoint()));
            }
        }
        return properties;
    }

    private static boolean isPicture(Port port) {
        List<Long> shape = port.shape();
        return shape.size() == 4 && (shape.get(3) == 1 || shape.get(3) == 3);
    }

    private static String strange(List<Port> ports) {
        return ports.stream()
                .filter(p -> p.spec().isEmpty())
                .map(p -> p.name() + " (" + TfliteTypes.name(p.type()) + ")")
                .collect(Collectors.joining(", "));
    }

    private static void put(Map<String, String> properties, String key, String value) {
        if (!value.isBlank()) {
            properties.put(key, value);
        }
    }
}
