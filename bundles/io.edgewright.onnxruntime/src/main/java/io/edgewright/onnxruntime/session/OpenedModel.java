// SPDX-License-Identifier: Apache-2.0
package io.edgewright.onnxruntime.session;

import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions;
import io.edgewright.onnxruntime.OrtRuntime;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A native session and what must live as long as it does.
 *
 * @param session the session
 * @param options its options
 * @param weights the mapped file that the session reads its weights from; null if it has copied them
 * @param sizeBytes the size of the model file
 */
public record OpenedModel(
        OrtSession session,
        SessionOptions options,
        @Nullable ByteBuffer weights,
        long sizeBytes) implements AutoCloseable {

    /**
     * Opens a file.
     *
     * @param options closed with the result, or at once if this fails
     * @throws OrtException if the engine refuses the model; see {@link OrtErrors#onLoad}
     */
    public static OpenedModel ofFile(Path file, SessionOptions options, long sizeBytes) throws OrtException {
        boolean opens = false;
        try {
            String path = file.toAbsolutePath().toString();
            OrtSession session = OrtRuntime.environment().createSession(path, options);
            opens = true;
            return new OpenedModel(session, options, null, sizeBytes);
        } finally {
            if (!opens) {
                options.close();
            }
        }
    }

    /**
     * Opens a model whose weights are used where they are.
     *
     * @param model a direct buffer, which must not change while the result is open
     * @param options closed with the result, or at once if this fails
     * @throws OrtException if the engine refuses the model
     */
    public static OpenedModel ofBytes(ByteBuffer model, SessionOptions options, long sizeBytes) throws OrtException {
        boolean opens = false;
        try {
            ByteBuffer bytes = model.duplicate();
            OrtSession session = OrtRuntime.environment().createSession(bytes, options);
            opens = true;
            return new OpenedModel(session, options, bytes, sizeBytes);
        } finally {
            if (!opens) {
                options.close();
            }
        }
    }

    @Override
    public void close() {
        close(session);
        options.close();
    }

    /** Closes where an error can only be a programming error. */
    static void close(OrtSession session) {
        try {
            session.close();
        } catch (OrtException e) {
            throw new IllegalStateException("session could not be closed: " + e.getMessage(), e);
        }
    }
}
