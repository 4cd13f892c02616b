// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.torch;

import java.io.IOException;

/** A file is no TorchScript that can be run here; the message says what it is, and what was expected. */
final class ScriptException extends IOException {

    private static final long serialVersionUID = 1L;

    private final boolean whole;

    private ScriptException(boolean whole, String message) {
        super(message);
        this.whole = whole;
    }

    /** {@return for a file that is broken or something else} */
    static ScriptException broken(String message) {
        return new ScriptException(false, message);
    }

    /** {@return for a file that is in order, but of no use here} */
    static ScriptException unsupported(String message) {
        return new ScriptException(true, message);
    }

    /** {@return true if the file is in order, but of no use here} */
    boolean isUnsupported() {
        return whole;
    }
}
