// SPDX-License-Identifier: Apache-2.0
package io.edgewright.kura.wires;

import io.edgewright.api.inference.Signature;
import io.edgewright.api.tensor.ElementType;
import io.edgewright.api.tensor.Elements;
import io.edgewright.api.tensor.OutputTensors;
import io.edgewright.api.tensor.Tensor;
import io.edgewright.api.tensor.TensorSpec;
import io.edgewright.kura.wires.InferenceSettings.Vectors;
import io.edgewright.vision.Classification;
import io.edgewright.vision.Classifier;
import io.edgewright.vision.Detection;
import io.edgewright.vision.Detector;
import io.edgewright.vision.Detectors;
import io.edgewright.vision.PictureMap;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.eclipse.kura.type.TypedValue;
import org.eclipse.kura.type.TypedValues;

/** Makes properties of a model's outputs. One thread at a time. */
final class AnswerReader {

    private static final int MOST_PROPERTIES = 1000;

    /** Makes the properties of each record that leaves. */
    @FunctionalInterface
    private interface Form {
        List<Map<String, TypedValue<?>>> read(Map<String, Tensor> outputs, PictureMap map);
    }

    private final InferenceSettings settings;
    private final Form form;

    /**
     * @param signature of the model that serves
     * @throws IllegalArgumentException if its outputs are not what the settings ask for; the message says what is
     */
    AnswerReader(InferenceSettings settings, Signature signature) {
        this.settings = settings;
        this.form = switch (settings.answer()) {
            case VALUES -> values(signature);
            case CLASS -> classes(new Classifier(signature));
            case DETECTIONS -> detections(Detectors.of(signature));
        };
    }

    /** {@return the properties of the records that leave: one, or one for each detection} */
    List<Map<String, TypedValue<?>>> read(Map<String, Tensor> outputs, PictureMap map) {
        return form.read(outputs, map);
    }

    private Form values(Signature signature) {
        List<String> names = signature.outputs().stream().map(TensorSpec::name).toList();
        Map<String, String> wanted = new LinkedHashMap<>();
        settings.outputs().forEach((property, output) -> wanted.put(property, output.get(0)));
        if (wanted.isEmpty()) {
            names.forEach(name -> wanted.put(name, name));
        }
        wanted.values().forEach(output -> {
            if (!names.contains(output)) {
                throw new IllegalArgumentException(
                        "outputs names '%s', and the model has the outputs %s".formatted(output, names));
            }
        });
        return (outputs, map) -> {
            Map<String, TypedValue<?>> properties = new LinkedHashMap<>();
            wanted.forEach(
                    (property, output) -> put(properties, property, of(outputs).output(output)));
            return List.of(properties);
        };
    }

    private static Form classes(Classifier classifier) {
        return (outputs, map) -> {
            Classification top = classifier.top(of(outputs), 1).get(0);
            return List.of(Map.of(
                    "label", TypedValues.newTypedValue(top.label()),
                    "index", TypedValues.newTypedValue(top.classIndex()),
                    "score", TypedValues.newTypedValue(top.probability())));
        };
    }

    private Form detections(Detector detector) {
        return (outputs, map) -> {
            List<Map<String, TypedValue<?>>> found = new ArrayList<>();
            for (Detection one : detector.detect(of(outputs), map, settings.minScore())) {
                found.add(Map.of(
                        "label", TypedValues.newTypedValue(one.label()),
                        "index", TypedValues.newTypedValue(one.classIndex()),
                        "score", TypedValues.newTypedValue(one.score()),
                        "left", TypedValues.newTypedValue(one.box().left()),
                        "top", TypedValues.newTypedValue(one.box().top()),
                        "right", TypedValues.newTypedValue(one.box().right()),
                        "bottom", TypedValues.newTypedValue(one.box().bottom())));
            }
            return found;
        };
    }

    private void put(Map<String, TypedValue<?>> properties, String name, Tensor output) {
        boolean text = output.type() == ElementType.STRING;
        if (!text && output.elements() != 1 && settings.vectors() == Vectors.BYTES) {
            byte[] bytes = new byte[output.data().limit()];
            output.data().get(0, bytes);
            properties.put(name, TypedValues.newTypedValue(bytes));
            return;
        }
        if (output.elements() > MOST_PROPERTIES) {
            throw new IllegalArgumentException("output '%s' has %d elements, expected at most %d; set vectors to bytes"
                    .formatted(name, output.elements(), MOST_PROPERTIES));
        }
        List<String> texts = text ? output.toStrings() : List.of();
        for (int i = 0; i < output.elements(); i++) {
            Object value = text ? texts.get(i) : Elements.get(output, i);
            properties.put(output.elements() == 1 ? name : name + "." + i, TypedValues.newTypedValue(value));
        }
    }

    private static OutputTensors of(Map<String, Tensor> outputs) {
        return name -> {
            Tensor tensor = outputs.get(name);
            if (tensor == null) {
                throw new IllegalArgumentException("output '%s' is gone, found %s".formatted(name, outputs.keySet()));
            }
            return tensor;
        };
    }
}
