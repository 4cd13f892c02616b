// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.litert;

import com.sun.jna.Pointer;
import io.edgewright.accelerator.litert.TfliteModel.Port;
import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.accelerator.InferenceException.Reason;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** TensorFlow Lite's interpreter of one model: a set of tensors and the plan to run them. One thread at a time. */
final class Interpreter implements AutoCloseable {

    /** {@code TfLiteXNNPackDelegateOptions} of TensorFlow 2.20, 64-bit: 56 bytes. */
    private static final int XNNPACK_OPTIONS_BYTES = 56;

    private static final int XNNPACK_THREADS_AT = 0;
    private static final int XNNPACK_FLAGS_AT = 8;
    private static final int XNNPACK_FILE_AT = 40;

    /** Signed and unsigned 8-bit operators, as XNNPACK's own default. */
    private static final int XNNPACK_INT8 = 3;

    /** An allocation must begin at a multiple of this many bytes. */
    private static final int ALIGNMENT = 64;

    /** TfLiteAllocationStrategy: planned before the first run, so that it can be put elsewhere. */
    static final int ARENA = 3;

    private final NativeModel model;
    private final ErrorText errors = new ErrorText();
    private final List<Runnable> delegates = new ArrayList<>();
    private final long handle;
    private boolean closed;

    /**
     * How it works.
     *
     * @param threads inside one run, 1 or more
     * @param xnnpack true to let XNNPACK take what it can
     * @param external the delegate that comes first; empty for none
     */
    record Setup(int threads, boolean xnnpack, Optional<ExternalDelegate> external) {}

    /** The model has been retained for this; it is released by {@link #close}, or by the caller if this throws. */
    Interpreter(NativeModel model, Setup setup) throws InferenceException {
        this.model = model;
        long options = TfLite.TfLiteInterpreterOptionsCreate();
        if (options == 0) {
            throw new InferenceException(Reason.DEVICE_UNAVAILABLE, "no memory for an interpreter", null);
        }
        try {
            TfLite.TfLiteInterpreterOptionsSetNumThreads(options, setup.threads());
            TfLite.TfLiteInterpreterOptionsSetErrorReporter(options, errors, Pointer.NULL);
            TfLite.TfLiteInterpreterOptionsEnableCancellation(options, (byte) 1);
            this.handle = TfLite.TfLiteInterpreterCreate(model.handle(), options);
        } finally {
            TfLite.TfLiteInterpreterOptionsDelete(options);
        }
        if (handle == 0) {
            throw LitertErrors.onCreate(model.name(), errors.take());
        }
    }

    /** Hands the graph to the delegates. Called once, after {@link #resize} and before {@link #allocate}. */
    void delegate(Setup setup) throws InferenceException {
        if (setup.external().isPresent()) {
            ExternalDelegate external = setup.external().get();
            long delegate = external.create();
            delegates.add(() -> external.destroy(delegate));
            int status = TfLite.TfLiteInterpreterModifyGraphWithDelegate(handle, delegate);
            if (status != TfLite.OK) {
                throw LitertErrors.onDelegate(model.name(), external.name(), status, errors.take());
            }
        }
        if (setup.xnnpack()) {
            long delegate = xnnpack(setup.threads());
            delegates.add(() -> TfLite.TfLiteXNNPackDelegateDelete(delegate));
            int status = TfLite.TfLiteInterpreterModifyGraphWithDelegate(handle, delegate);
            boolean harmless = status == TfLite.OK
                    || status == TfLite.DELEGATE_ERROR
                    || status == TfLite.APPLICATION_ERROR; // it leaves the graph as it was
            if (!harmless) {
                throw LitertErrors.onAllocate(model.name(), errors.take());
            }
            errors.clear();
        }
    }

    private long xnnpack(int threads) throws InferenceException {
        ByteBuffer options = ByteBuffer.allocateDirect(XNNPACK_OPTIONS_BYTES).order(ByteOrder.nativeOrder());
        options.putInt(XNNPACK_THREADS_AT, threads > 1 ? threads : 0);
        options.putInt(XNNPACK_FLAGS_AT, XNNPACK_INT8);
        options.putInt(XNNPACK_FILE_AT, -1);
        long delegate = TfLite.TfLiteXNNPackDelegateCreate(options);
        if (delegate == 0) {
            throw new InferenceException(Reason.DEVICE_UNAVAILABLE, "XNNPACK does not start", null);
        }
        return delegate;
    }

    /** Gives an input another shape. */
    void resize(int input, String name, List<Long> shape) throws InferenceException {
        if (shape.equals(shapeOf(inputTensor(input)))) {
            return;
        }
        int[] dims = shape.stream().mapToInt(Math::toIntExact).toArray();
        if (TfLite.TfLiteInterpreterResizeInputTensor(handle, input, dims, dims.length) != TfLite.OK) {
            throw LitertErrors.onShape(model.name(), name, shape, errors.take());
        }
    }

    /** Plans memory. */
    void allocate() throws InferenceException {
        if (TfLite.TfLiteInterpreterAllocateTensors(handle) != TfLite.OK) {
            throw LitertErrors.onAllocate(model.name(), errors.take());
        }
    }

    /** Checks that the interpreter has the tensors that the file promises: number and types. */
    void check(List<Port> inputs, List<Port> outputs) throws InferenceException {
        boolean same = TfLite.TfLiteInterpreterGetInputTensorCount(handle) == inputs.size()
                && TfLite.TfLiteInterpreterGetOutputTensorCount(handle) == outputs.size();
        for (int i = 0; same && i < inputs.size(); i++) {
            same = TfLite.TfLiteTensorType(inputTensor(i))
                    == TfliteTypes.nativeNumber(inputs.get(i).type());
        }
        for (int i = 0; same && i < outputs.size(); i++) {
            same = TfLite.TfLiteTensorType(outputTensor(i))
                    == TfliteTypes.nativeNumber(outputs.get(i).type());
        }
        if (!same) {
            throw new InferenceException(
                    Reason.MODEL_INVALID,
                    "model %s: TensorFlow Lite sees other inputs or outputs than the file names"
                            .formatted(model.name()),
                    null);
        }
    }

    long inputTensor(int input) {
        return TfLite.TfLiteInterpreterGetInputTensor(handle, input);
    }

    long outputTensor(int output) {
        return TfLite.TfLiteInterpreterGetOutputTensor(handle, output);
    }

    int inputIndex(int input) {
        return TfLite.TfLiteInterpreterGetInputTensorIndex(handle, input);
    }

    int outputIndex(int output) {
        return TfLite.TfLiteInterpreterGetOutputTensorIndex(handle, output);
    }

    /**
     * Puts a tensor into memory of Java's: whoever still holds its buffer after the end of the interpreter reads old values,
     * and no foreign memory. {@link #allocate} must follow.
     *
     * @param tensor one of {@link #inputIndex} or {@link #outputIndex}
     * @param bytes its size
     * @return the memory, to be kept as long as this
     */
    ByteBuffer place(int tensor, long bytes) throws InferenceException {
        ByteBuffer memory = memory(bytes);
        ByteBuffer allocation = ByteBuffer.allocateDirect(16).order(ByteOrder.nativeOrder());
        allocation.putLong(0, LitertLibrary.address(memory)).putLong(8, bytes);
        if (TfLite.TfLiteInterpreterSetCustomAllocationForTensor(handle, tensor, allocation, 0) != TfLite.OK) {
            throw new InferenceException(
                    Reason.MODEL_UNSUPPORTED,
                    "model %s: tensor %d takes no buffer of ours: %s".formatted(model.name(), tensor, errors.take()),
                    null);
        }
        return memory;
    }

    /** {@return zeros in native memory, aligned as TensorFlow Lite wants it} */
    static ByteBuffer memory(long bytes) {
        ByteBuffer whole = ByteBuffer.allocateDirect(Math.toIntExact(bytes + ALIGNMENT));
        int start = (ALIGNMENT - whole.alignmentOffset(0, ALIGNMENT)) % ALIGNMENT;
        return whole.slice(start, Math.toIntExact(bytes)).order(ByteOrder.nativeOrder());
    }

    /** {@return a TfLiteStatus} */
    int invoke() {
        return TfLite.TfLiteInterpreterInvoke(handle);
    }

    /** Forgets what a stateful model has learned from earlier runs. */
    void forget() throws InferenceException {
        if (TfLite.TfLiteInterpreterResetVariableTensors(handle) != TfLite.OK) {
            throw LitertErrors.onAllocate(model.name(), errors.take());
        }
    }

    /** Ends a run before its next operator; from any thread. A part of the graph that a delegate took is one operator. */
    void cancel() {
        TfLite.TfLiteInterpreterCancel(handle);
    }

    /** {@return what went wrong} */
    String complaint() {
        return errors.take();
    }

    static List<Long> shapeOf(long tensor) {
        int rank = TfLite.TfLiteTensorNumDims(tensor);
        List<Long> shape = new ArrayList<>(Math.max(0, rank));
        for (int i = 0; i < rank; i++) {
            shape.add((long) TfLite.TfLiteTensorDim(tensor, i));
        }
        return shape;
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            TfLite.TfLiteInterpreterDelete(handle);
            delegates.forEach(Runnable::run);
            model.release();
        }
    }
}
