// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.litert;

import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.accelerator.InferenceException.Reason;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A model file mapped by TensorFlow Lite, which all interpreters of the model share. Freed when the last of its users has
 * released it. Thread-safe.
 */
final class NativeModel {

    private final String name;
    private final long handle;
    private final AtomicInteger users = new AtomicInteger(1);

    /**
     * Maps a file that {@link TfliteParser} has accepted.
     *
     * @param name for messages
     */
    NativeModel(String name, Path file) throws InferenceException {
        this.name = name;
        var errors = new ErrorText();
        byte[] path = file.toAbsolutePath().toString().getBytes(StandardCharsets.UTF_8);
        this.handle = TfLite.TfLiteModelCreateFromFileWithErrorReporter(
                Arrays.copyOf(path, path.length + 1), errors, com.sun.jna.Pointer.NULL);
        if (handle == 0) {
            throw new InferenceException(
                    Reason.MODEL_INVALID, "model %s cannot be opened: %s".formatted(name, errors.take()), null);
        }
    }

    String name() {
        return name;
    }

    long handle() {
        return handle;
    }

    /** {@return false if it is freed already} */
    boolean retain() {
        return users.getAndUpdate(n -> n == 0 ? 0 : n + 1) != 0;
    }

    void release() {
        if (users.decrementAndGet() == 0) {
            TfLite.TfLiteModelDelete(handle);
        }
    }
}
