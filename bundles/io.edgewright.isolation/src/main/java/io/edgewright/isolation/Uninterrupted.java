// SPDX-License-Identifier: Apache-2.0
package io.edgewright.isolation;

import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;

/**
 * Channels close themselves when their thread is interrupted. What is done here takes no time worth an interrupt, and costs a
 * process if it fails: it is done all the same, and the interrupt kept for later.
 */
final class Uninterrupted {

    private Uninterrupted() {}

    /** Something to do with a channel of its own. */
    interface Work<T> {

        T call() throws IOException;
    }

    static <T> T call(Work<T> work) throws IOException {
        boolean interrupted = Thread.interrupted();
        try {
            while (true) {
                try {
                    return work.call();
                } catch (ClosedByInterruptException e) {
                    interrupted |= Thread.interrupted();
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
