// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.cpu;

import ai.onnxruntime.OrtSession;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A native session and what must live as long as it does.
 *
 * @param session the session
 * @param options its options
 * @param weights the mapped file that the session reads its weights from; null if it has copied them
 * @param sizeBytes the size of the model file
 */
record OpenedModel(
        OrtSession session,
        OrtSession.SessionOptions options,
        @Nullable ByteBuffer weights,
        long sizeBytes) implements AutoCloseable {

    @Override
    public void close() {
        CpuSession.close(session);
        options.close();
    }
}
