// SPDX-License-Identifier: Apache-2.0
package io.edgewright.isolation;

import java.io.IOException;

/** The other process wrote what makes no sense. */
final class ProtocolException extends IOException {

    private static final long serialVersionUID = 1L;

    ProtocolException(String message) {
        super(message);
    }

    ProtocolException(String message, Throwable cause) {
        super(message, cause);
    }
}
