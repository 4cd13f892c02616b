// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.torch;

import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.accelerator.InferenceException.Reason;
import io.edgewright.api.tensor.ElementType;
import io.edgewright.api.tensor.Tensor;
import io.edgewright.api.tensor.TensorSpec;
import java.util.List;
import java.util.stream.LongStream;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.global.torch.Layout;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/** The buffer of one output: a copy, as PyTorch's memory goes back with the run. Reused while the shape stays. */
final class TorchOutput implements AutoCloseable {

    private final String model;
    private final TensorSpec spec;
    private final boolean declared;
    private @Nullable Tensor buffer;
    private @Nullable Pointer address;

    TorchOutput(String model, TensorSpec spec, boolean declared) {
        this.model = model;
        this.spec = spec;
        this.declared = declared;
        if (!spec.isDynamic() && spec.type() != ElementType.STRING) {
            allocate(spec.type(), spec.shape());
        }
    }

    TensorSpec spec() {
        return spec;
    }

    /** {@return what the last run gave} */
    Tensor tensor() {
        Tensor current = buffer;
        if (current == null) {
            throw new IllegalStateException(
                    "output '" + spec.name() + "' of model " + model + " has no shape before the first run");
        }
        return current;
    }

    /** Takes over one part of a result. */
    void take(IValue value) throws InferenceException {
        if (value.isTensor()) {
            copy(value.toTensor());
        } else if (value.isInt()) {
            number(ElementType.INT64).data().putLong(0, value.toInt());
        } else if (value.isDouble()) {
            number(ElementType.FLOAT64).data().putDouble(0, value.toDouble());
        } else if (value.isBool()) {
            number(ElementType.BOOL).data().put(0, (byte) (value.toBool() ? 1 : 0));
        } else {
            throw failed("is a " + value.tagKind().getString());
        }
    }

    private Tensor number(ElementType type) throws InferenceException {
        return fitting(type, List.of());
    }

    private void copy(org.bytedeco.pytorch.Tensor given) throws InferenceException {
        if (!given.defined() || given.is_nested() || given.layout().intern() != Layout.Strided || !given.is_cpu()) {
            throw failed("is a tensor that is undefined, nested, sparse or not in memory");
        }
        org.bytedeco.pytorch.Tensor plain = given.is_quantized() ? given.dequantize() : given;
        if (plain.scalar_type().intern() == ScalarType.BFloat16) {
            plain = plain.to(ScalarType.Float);
        }
        ScalarType scalar = plain.scalar_type().intern();
        ElementType type =
                TorchTypes.elementType(scalar).orElseThrow(() -> failed("has elements of PyTorch's type " + scalar));
        Tensor target = fitting(type, shape(plain));
        if (target.data().limit() > 0) {
            Pointer.memcpy(
                    addressOf(),
                    plain.resolve_neg().contiguous().data_ptr(),
                    target.data().limit());
        }
    }

    private static List<Long> shape(org.bytedeco.pytorch.Tensor tensor) {
        return LongStream.range(0, tensor.dim()).map(tensor::size).boxed().toList();
    }

    private Tensor fitting(ElementType type, List<Long> shape) throws InferenceException {
        if (declared && (type != spec.type() || !spec.accepts(shape))) {
            throw failed("is %s %s, but listed as %s %s: correct the model's manifest"
                    .formatted(type, shape, spec.type(), spec.shape()));
        }
        Tensor current = buffer;
        if (current != null && current.type() == type && current.shape().equals(shape)) {
            return current;
        }
        return allocate(type, shape);
    }

    private Tensor allocate(ElementType type, List<Long> shape) {
        close();
        Tensor fresh = Tensor.zeros(type, shape);
        buffer = fresh;
        address = new Pointer(fresh.data());
        return fresh;
    }

    private Pointer addressOf() {
        Pointer current = address;
        if (current == null) {
            throw new IllegalStateException("output '" + spec.name() + "' has no buffer");
        }
        return current;
    }

    private InferenceException failed(String why) {
        return new InferenceException(
                Reason.EXECUTION_FAILED, "model %s: output '%s' %s".formatted(model, spec.name(), why), null);
    }

    @Override
    public void close() {
        if (address != null) {
            address.close();
        }
    }
}
