// SPDX-License-Identifier: Apache-2.0
package io.edgewright.onnx;

import java.io.IOException;

/** The bytes are not what the format wants, as opposed to bytes that could not be read. */
final class MalformedException extends IOException {

    private static final long serialVersionUID = 1L;

    MalformedException(String message) {
        super(message);
    }
}
