// SPDX-License-Identifier: Apache-2.0
package io.edgewright.onnx;

import java.io.IOException;

/** The bytes are not what the format wants, as opposed to bytes that could not be read. */
public final class MalformedModelException extends IOException {

    private static final long serialVersionUID = 1L;

    MalformedModelException(String message) {
        super(message);
    }
}
