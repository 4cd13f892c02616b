// SPDX-License-Identifier: Apache-2.0
package io.edgewright.api.source;

import java.time.Duration;
import java.util.Optional;
import org.osgi.annotation.versioning.ConsumerType;

/** Frames one after the other, for one thread. A live source drops frames rather than lag behind. */
@ConsumerType
public interface FrameStream extends AutoCloseable {

    /**
     * Waits for a frame that is newer than the last one.
     *
     * @param wait how long at the most
     * @return the newest frame, valid until the next call; empty if none came in that time, as while a camera is being
     *     reconnected
     * @throws InterruptedException if the thread is interrupted; close the stream then
     */
    Optional<Frame> next(Duration wait) throws InterruptedException;

    /** {@return true once a recording has been read to its end; a live source never ends} */
    boolean ended();

    /** {@return how many frames this stream left out because the caller was busy} */
    long dropped();

    /** Ends the stream. Closing twice does nothing. */
    @Override
    void close();
}
