// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.litert;

import com.sun.jna.Callback;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;
import java.nio.ByteBuffer;

/**
 * The functions of TensorFlow Lite's C API that are used, under their own names ({@code c_api.h}, {@code c_api_experimental.h},
 * {@code xnnpack_delegate.h}). Pointers are numbers, 0 for none. {@link LitertLibrary} binds them.
 */
final class TfLite {

    /** TfLiteStatus: it worked. */
    static final int OK = 0;

    /** TfLiteStatus: a delegate would not do it; the graph is as it was before. */
    static final int DELEGATE_ERROR = 2;

    /** TfLiteStatus: a delegate does not fit this model; the graph is as it was before. */
    static final int APPLICATION_ERROR = 3;

    /** TfLiteStatus: the run was cancelled. */
    static final int CANCELLED = 8;

    private TfLite() {}

    /** Gets what TensorFlow Lite complains of. */
    interface ErrorReporter extends Callback {

        /**
         * Called on the thread that runs.
         *
         * @param format as of printf
         * @param arguments a {@code va_list}
         */
        void report(Pointer user, Pointer format, Pointer arguments);
    }

    static native Pointer TfLiteVersion();

    static native int TfLiteSchemaVersion();

    static native long TfLiteModelCreateFromFileWithErrorReporter(byte[] path, ErrorReporter reporter, Pointer user);

    static native void TfLiteModelDelete(long model);

    static native long TfLiteInterpreterOptionsCreate();

    static native void TfLiteInterpreterOptionsSetNumThreads(long options, int threads);

    static native void TfLiteInterpreterOptionsSetErrorReporter(long options, ErrorReporter reporter, Pointer user);

    /** The flag is a C bool. */
    static native int TfLiteInterpreterOptionsEnableCancellation(long options, byte enable);

    static native void TfLiteInterpreterOptionsDelete(long options);

    static native long TfLiteInterpreterCreate(long model, long options);

    static native int TfLiteInterpreterModifyGraphWithDelegate(long interpreter, long delegate);

    static native int TfLiteInterpreterGetInputTensorCount(long interpreter);

    static native int TfLiteInterpreterGetOutputTensorCount(long interpreter);

    static native int TfLiteInterpreterGetInputTensorIndex(long interpreter, int input);

    static native int TfLiteInterpreterGetOutputTensorIndex(long interpreter, int output);

    static native long TfLiteInterpreterGetInputTensor(long interpreter, int input);

    static native long TfLiteInterpreterGetOutputTensor(long interpreter, int output);

    static native int TfLiteInterpreterResizeInputTensor(long interpreter, int input, int[] dims, int rank);

    static native int TfLiteInterpreterSetCustomAllocationForTensor(
            long interpreter, int tensor, ByteBuffer allocation, long flags);

    static native int TfLiteInterpreterAllocateTensors(long interpreter);

    static native int TfLiteInterpreterInvoke(long interpreter);

    static native int TfLiteInterpreterCancel(long interpreter);

    static native int TfLiteInterpreterResetVariableTensors(long interpreter);

    static native void TfLiteInterpreterDelete(long interpreter);

    static native int TfLiteTensorType(long tensor);

    static native int TfLiteTensorNumDims(long tensor);

    static native int TfLiteTensorDim(long tensor, int dim);

    static native long TfLiteTensorByteSize(long tensor);

    static native long TfLiteTensorData(long tensor);

    static native int TfLiteTensorGetAllocationStrategy(long tensor);

    static native long TfLiteXNNPackDelegateCreate(ByteBuffer options);

    static native void TfLiteXNNPackDelegateDelete(long delegate);

    static void bind(NativeLibrary library) {
        com.sun.jna.Native.register(TfLite.class, library);
    }
}
