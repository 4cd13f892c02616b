// SPDX-License-Identifier: Apache-2.0
package io.edgewright.kura.wires;

import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.accelerator.InferenceException.Reason;
import io.edgewright.api.inference.Signature;
import io.edgewright.api.tensor.ElementType;
import io.edgewright.api.tensor.Elements;
import io.edgewright.api.tensor.Tensor;
import io.edgewright.api.tensor.TensorSpec;
import io.edgewright.vision.ImagePreprocessor;
import io.edgewright.vision.Picture;
import io.edgewright.vision.PictureMap;
import io.edgewright.vision.PictureReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.eclipse.kura.type.TypedValue;
import org.jspecify.annotations.Nullable;

/** Makes a model's inputs of the properties of records. One thread at a time. */
final class RequestMaker {

    private static final int MOST_PIXELS = 25_000_000; // 75 MB when unpacked

    private final InferenceSettings settings;
    private final Signature signature;
    private final PictureReader reader;
    private final @Nullable ImagePreprocessor preprocessor;

    /**
     * @param signature of the model that serves
     * @throws IllegalArgumentException if the settings do not fit the model; the message says what does
     */
    RequestMaker(InferenceSettings settings, Signature signature) {
        this.settings = settings;
        this.signature = signature;
        this.reader = new PictureReader(settings.maxBytes(), MOST_PIXELS);
        this.preprocessor =
                settings.picture().isEmpty() ? null : ImagePreprocessor.of(signature.manifest(), signature.inputs());
        List<String> names = signature.inputs().stream().map(TensorSpec::name).toList();
        for (String input : settings.inputs().keySet()) {
            if (!names.contains(input)) {
                throw new IllegalArgumentException(
                        "inputs names '%s', and the model has the inputs %s".formatted(input, names));
            }
        }
    }

    /** {@return the inputs} */
    Request make(Map<String, TypedValue<?>> properties) throws InferenceException {
        Map<String, Tensor> inputs = new HashMap<>();
        PictureMap map = PictureMap.STRETCH;
        for (TensorSpec spec : signature.inputs()) {
            try {
                if (preprocessor != null && preprocessor.input().equals(spec.name())) {
                    Picture picture = picture(properties);
                    map = preprocessor.map(picture.width(), picture.height());
                    Tensor tensor = Tensor.zeros(spec.type(), preprocessor.shape());
                    preprocessor.write(picture, tensor);
                    inputs.put(spec.name(), tensor);
                } else {
                    inputs.put(spec.name(), tensor(spec, values(spec.name(), properties)));
                }
            } catch (IllegalArgumentException e) {
                throw new InferenceException(
                        Reason.INPUT_MISMATCH, "input '" + spec.name() + "': " + e.getMessage(), e);
            }
        }
        return new Request(inputs, map);
    }

    private List<Object> values(String input, Map<String, TypedValue<?>> properties) {
        List<Object> values = new ArrayList<>();
        for (String property : settings.inputs().getOrDefault(input, List.of(input))) {
            values.add(value(property, properties));
        }
        return values;
    }

    private Object value(String property, Map<String, TypedValue<?>> properties) {
        TypedValue<?> value = properties.get(property);
        if (value == null) {
            throw new IllegalArgumentException(
                    "property '%s' is missing, found %s".formatted(property, properties.keySet()));
        }
        Object content = value.getValue();
        if (content instanceof byte[] bytes && bytes.length > settings.maxBytes()) {
            throw new IllegalArgumentException("property '%s' has %d bytes, expected at most the %d of max.bytes"
                    .formatted(property, bytes.length, settings.maxBytes()));
        }
        return content;
    }

    private Tensor tensor(TensorSpec spec, List<Object> values) {
        if (spec.type() == ElementType.STRING) {
            return texts(spec, values);
        }
        long elements = 0;
        for (Object value : values) {
            elements += elements(spec.type(), value);
        }
        Tensor tensor = heap(spec.type(), spec.shapeOf(elements));
        int index = 0;
        for (Object value : values) {
            index = put(tensor, index, value);
        }
        if (!settings.allowNan()) {
            checkFinite(tensor);
        }
        return tensor;
    }

    private static long elements(ElementType type, Object value) {
        if (value instanceof Number || value instanceof Boolean) {
            return 1;
        }
        if (!(value instanceof byte[] bytes)) {
            throw new IllegalArgumentException(
                    "found a " + value.getClass().getSimpleName() + ", expected a number or bytes");
        }
        if (bytes.length % type.bytes() != 0) {
            throw new IllegalArgumentException("found %d bytes, expected a multiple of the %d bytes of a %s"
                    .formatted(bytes.length, type.bytes(), type));
        }
        return bytes.length / type.bytes();
    }

    /** {@return the index after what was put} */
    private static int put(Tensor tensor, int index, Object value) {
        boolean truth = tensor.type() == ElementType.BOOL;
        if (value instanceof byte[] bytes) {
            tensor.data().put(index * tensor.type().bytes(), bytes);
            for (int i = index; truth && i < index + bytes.length; i++) {
                tensor.data().put(i, (byte) (tensor.data().get(i) == 0 ? 0 : 1));
            }
            return index + bytes.length / tensor.type().bytes();
        }
        if (truth && value instanceof Boolean flag) {
            tensor.data().put(index, (byte) (flag ? 1 : 0));
        } else if (value instanceof Boolean flag) {
            Elements.put(tensor, index, flag ? 1 : 0);
        } else {
            Elements.put(tensor, index, (Number) value);
        }
        return index + 1;
    }

    private static Tensor texts(TensorSpec spec, List<Object> values) {
        List<Long> shape = spec.shapeOf(values.size());
        List<byte[]> texts = values.stream()
                .map(v -> v instanceof byte[] bytes ? bytes : String.valueOf(v).getBytes(StandardCharsets.UTF_8))
                .toList();
        ByteBuffer data = ByteBuffer.allocate(
                        texts.stream().mapToInt(t -> 4 + t.length).sum())
                .order(ByteOrder.nativeOrder());
        texts.forEach(text -> data.putInt(text.length).put(text));
        return new Tensor(ElementType.STRING, shape, data.flip());
    }

    private static Tensor heap(ElementType type, List<Long> shape) {
        return new Tensor(type, shape, ByteBuffer.allocate(Math.toIntExact(Tensor.elements(shape) * type.bytes())));
    }

    private static void checkFinite(Tensor tensor) {
        if (!tensor.type().isFloatingPoint()) {
            return;
        }
        int count = (int) tensor.elements();
        for (int i = 0; i < count; i++) {
            double value = tensor.type() == ElementType.FLOAT32
                    ? tensor.data().getFloat(i * Float.BYTES)
                    : ((Number) Elements.get(tensor, i)).doubleValue();
            if (!Double.isFinite(value)) {
                throw new IllegalArgumentException(
                        "found %s as value %d, expected a finite number".formatted(value, i));
            }
        }
    }

    /** A picture is a file, or pixels with {@code <name>.width} and {@code <name>.height} beside them. */
    private Picture picture(Map<String, TypedValue<?>> properties) {
        String name = settings.picture();
        if (!(value(name, properties) instanceof byte[] bytes)) {
            throw new IllegalArgumentException("property '%s' is no byte array, expected a picture".formatted(name));
        }
        TypedValue<?> width = properties.get(name + ".width");
        TypedValue<?> height = properties.get(name + ".height");
        if (width != null
                && height != null
                && width.getValue() instanceof Integer w
                && height.getValue() instanceof Integer h
                && bytes.length == 3L * w * h) {
            return new Picture(w, h, ByteBuffer.wrap(bytes));
        }
        try {
            return reader.read(new ByteArrayInputStream(bytes), name);
        } catch (IOException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
    }
}
