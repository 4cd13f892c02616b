// SPDX-License-Identifier: Apache-2.0
package io.edgewright.onnxruntime.session;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import io.edgewright.api.tensor.ElementType;
import io.edgewright.api.tensor.Tensor;
import io.edgewright.api.tensor.TensorSpec;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One output of a slot. Where the shape is known, the engine writes straight into the caller's buffer (a pin); where it
 * is not, the first run shows it; where it changes from run to run, every result is copied. One thread at a time.
 */
final class OutputBinding implements AutoCloseable {

    private final OrtEnvironment environment;
    private final TensorSpec spec;
    private final boolean pinnable;
    private boolean steady = true;
    private @Nullable Tensor buffer;
    private @Nullable OnnxTensor pin;

    /**
     * @param alias true if an input has the same name: the engine then hands out the input's memory and leaves a pinned
     *     buffer as it was
     */
    OutputBinding(OrtEnvironment environment, TensorSpec spec, boolean alias) throws OrtException {
        this.environment = environment;
        this.spec = spec;
        this.pinnable = !alias && spec.type() != ElementType.STRING && !OrtTypes.needsCast(spec.type());
        if (!spec.isDynamic() && spec.type() != ElementType.STRING) {
            Tensor zeros = Tensor.zeros(spec.type(), spec.shape());
            buffer = zeros;
            if (pinnable) {
                pin(zeros);
            }
        }
    }

    String name() {
        return spec.name();
    }

    /** {@return the tensor for the engine to write to, or null if it makes its own} */
    @Nullable
    OnnxTensor pinned() {
        return pin;
    }

    long bytes() {
        return buffer == null ? 0 : buffer.data().limit();
    }

    Tensor value() {
        if (buffer == null) {
            throw new IllegalStateException(
                    "output '" + spec.name() + "' has no value before the first run: its size is not fixed");
        }
        return buffer;
    }

    /** Lets the engine make the next result itself. */
    void unpin() {
        if (pin != null) {
            pin.close();
            pin = null;
        }
    }

    /**
     * Copies a result that the engine made, and pins its shape for the next run if it looks fixed.
     *
     * @return true if it is pinned from now on
     */
    boolean take(OnnxTensor result) throws OrtException {
        if (spec.type() == ElementType.STRING) {
            buffer = text(result);
            return false;
        }
        List<Long> shape = Arrays.stream(result.getInfo().getShape()).boxed().toList();
        Tensor old = buffer;
        boolean same = old != null && old.shape().equals(shape);
        steady &= old == null || same;
        Tensor target = old != null && same ? old : Tensor.zeros(spec.type(), shape);
        ByteBuffer bytes = result.getByteBuffer();
        target.data().put(0, bytes, 0, target.data().limit());
        buffer = target;
        if (pinnable && steady) {
            pin(target);
            return true;
        }
        return false;
    }

    @Override
    public void close() {
        unpin();
    }

    private void pin(Tensor target) throws OrtException {
        unpin();
        pin = OnnxTensor.createTensor(
                environment, target.data(), OrtTypes.dims(target.shape()), OrtTypes.carrier(spec.type()));
    }

    private static Tensor text(OnnxTensor result) throws OrtException {
        List<String> values = new ArrayList<>();
        if (result.getInfo().getNumElements() > 0) {
            collect(result.getValue(), values);
        }
        return Tensor.ofStrings(
                Arrays.stream(result.getInfo().getShape()).boxed().toList(), values);
    }

    private static void collect(Object nested, List<String> values) {
        if (nested instanceof Object[] array) {
            for (Object element : array) {
                collect(element, values);
            }
        } else {
            values.add((String) nested);
        }
    }
}
