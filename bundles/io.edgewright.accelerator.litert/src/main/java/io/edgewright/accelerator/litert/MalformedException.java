// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.litert;

import java.io.IOException;

/** A file breaks the rules of its format; the message says where. */
final class MalformedException extends IOException {

    private static final long serialVersionUID = 1L;

    MalformedException(String message) {
        super(message);
    }
}
