// SPDX-License-Identifier: Apache-2.0
package io.edgewright.source.camera;

import java.io.Serial;

/** A camera, stream or file that cannot be read, in words for the operator. */
final class CameraException extends Exception {

    @Serial
    private static final long serialVersionUID = 1;

    CameraException(String message) {
        super(message);
    }

    CameraException(String message, Throwable cause) {
        super(message, cause);
    }
}
