// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.litert;

import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Collects what TensorFlow Lite says while one interpreter works. Must be reachable as long as that is. */
final class ErrorText implements TfLite.ErrorReporter {

    private static final int MAX_LINE = 1024;
    private static final int MAX_TEXT = 4096;

    private final StringBuilder text = new StringBuilder();

    /** {@code vsnprintf}: a va_list travels as one pointer on x86-64 and on aarch64. */
    private static final class C {

        static {
            Native.register(C.class, NativeLibrary.getProcess());
        }

        static native int vsnprintf(ByteBuffer target, long size, Pointer format, Pointer arguments);
    }

    @Override
    public void report(Pointer user, Pointer format, Pointer arguments) {
        ByteBuffer line = ByteBuffer.allocateDirect(MAX_LINE);
        int length = Math.min(C.vsnprintf(line, MAX_LINE, format, arguments), MAX_LINE - 1);
        byte[] bytes = new byte[Math.max(0, length)];
        line.get(bytes);
        add(new String(bytes, StandardCharsets.UTF_8));
    }

    synchronized void add(String line) {
        if (text.length() < MAX_TEXT && !line.isBlank()) {
            text.append(text.isEmpty() ? "" : "; ").append(line.strip());
        }
    }

    synchronized void clear() {
        text.setLength(0);
    }

    /** {@return what was said since the last time, without the places in TensorFlow's source; never empty} */
    synchronized String take() {
        String said =
                text.toString().replaceAll("[\\w/.-]+\\.(cc|h|c):\\d+ ", "").strip();
        text.setLength(0);
        return said.isEmpty() ? "it gave no reason" : said;
    }
}
