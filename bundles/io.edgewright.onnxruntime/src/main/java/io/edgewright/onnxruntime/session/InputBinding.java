// SPDX-License-Identifier: Apache-2.0
package io.edgewright.onnxruntime.session;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import io.edgewright.api.tensor.ElementType;
import io.edgewright.api.tensor.Tensor;
import io.edgewright.api.tensor.TensorSpec;
import io.edgewright.onnxruntime.session.UnsignedCasts.Cast;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One input of a slot: the caller's buffer and the native tensor over it. One thread at a time. */
final class InputBinding implements AutoCloseable {

    private final OrtEnvironment environment;
    private final TensorSpec spec;
    private final List<Long> shape;
    private final @Nullable Tensor buffer; // null for STRING, which has no fixed size
    private final @Nullable Cast cast; // only for unsigned types
    private OnnxTensor value;

    InputBinding(OrtEnvironment environment, UnsignedCasts casts, TensorSpec spec, List<Long> shape)
            throws OrtException {
        this.environment = environment;
        this.spec = spec;
        this.shape = shape;
        if (spec.type() == ElementType.STRING) {
            buffer = null;
            cast = null;
            int count = Math.toIntExact(Tensor.elements(shape));
            value = strings(Collections.nCopies(count, ""));
        } else {
            Tensor zeros = Tensor.zeros(spec.type(), shape);
            buffer = zeros;
            OnnxTensor plain = OnnxTensor.createTensor(
                    environment, zeros.data(), OrtTypes.dims(shape), OrtTypes.carrier(spec.type()));
            boolean whole = false;
            try {
                cast = OrtTypes.needsCast(spec.type()) ? casts.cast(spec.type(), plain) : null;
                whole = true;
            } finally {
                if (!whole) {
                    plain.close();
                }
            }
            value = cast == null ? plain : cast.unsigned();
        }
    }

    String name() {
        return spec.name();
    }

    /** {@return what the engine is given} */
    OnnxTensor value() {
        return value;
    }

    long bytes() {
        return buffer == null ? 0 : buffer.data().limit();
    }

    Tensor buffer() {
        if (buffer == null) {
            throw new IllegalArgumentException(
                    "input '" + spec.name() + "' holds STRING, which has no buffer of a fixed size: use write");
        }
        return buffer;
    }

    /** Replaces a STRING input's value. */
    void writeStrings(Tensor text) throws OrtException {
        if (text.type() != ElementType.STRING || !text.shape().equals(shape)) {
            throw new IllegalArgumentException(
                    "input '%s' is %s, expected STRING %s".formatted(spec.name(), text, shape));
        }
        List<String> values = text.toStrings();
        if (values.size() != text.elements()) {
            throw new IllegalArgumentException("input '%s' holds %d strings, expected %d for shape %s"
                    .formatted(spec.name(), values.size(), text.elements(), shape));
        }
        if (!Tensor.ofStrings(shape, values).equals(text)) { // other bytes would silently become other text
            throw new IllegalArgumentException(
                    "input '" + spec.name() + "' holds a string that is not UTF-8: the engine takes text only");
        }
        OnnxTensor old = value;
        value = strings(values);
        old.close();
    }

    /** {@return true if {@link #prepare} has something to do} */
    boolean isCast() {
        return cast != null;
    }

    boolean isText() {
        return buffer == null;
    }

    /** Called before each run. */
    void prepare() throws OrtException {
        if (cast != null) {
            cast.repeat();
        }
    }

    @Override
    public void close() {
        if (cast == null) {
            value.close();
        } else {
            cast.close();
        }
    }

    private OnnxTensor strings(List<String> values) throws OrtException {
        return OnnxTensor.createTensor(environment, values.toArray(String[]::new), OrtTypes.dims(shape));
    }
}
