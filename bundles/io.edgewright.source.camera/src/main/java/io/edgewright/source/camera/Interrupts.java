// SPDX-License-Identifier: Apache-2.0
package io.edgewright.source.camera;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.bytedeco.ffmpeg.avformat.AVIOInterruptCB;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.Pointer;

/**
 * FFmpeg's question whether to give up, answered for all inputs by one native function: JavaCPP has room for ten such
 * functions, and a gateway may have more cameras. Hence the one static with state in this bundle.
 */
final class Interrupts extends AVIOInterruptCB.Callback_Pointer {

    private static final Interrupts ALL = new Interrupts();

    private final transient Map<Long, Interrupt> byAddress = new ConcurrentHashMap<>();

    private Interrupts() {}

    /** A pointer that stands for one interrupt until it is closed. */
    static LongPointer register(Interrupt interrupt, AVIOInterruptCB target) {
        LongPointer key = new LongPointer(1);
        ALL.byAddress.put(key.address(), interrupt);
        target.callback(ALL);
        target.opaque(key);
        return key;
    }

    static void unregister(LongPointer key) {
        ALL.byAddress.remove(key.address());
        key.close();
    }

    @Override
    public int call(Pointer key) {
        Interrupt interrupt = key == null ? null : byAddress.get(key.address());
        return interrupt != null && interrupt.due() ? 1 : 0;
    }
}
