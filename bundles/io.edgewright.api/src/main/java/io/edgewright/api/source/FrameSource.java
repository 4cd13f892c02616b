// SPDX-License-Identifier: Apache-2.0
package io.edgewright.api.source;

import org.osgi.annotation.versioning.ConsumerType;

/** A camera, a video file or a renderer; a service with the property {@value #NAME}. Thread-safe. */
@ConsumerType
public interface FrameSource {

    /** Service property, String: the source's name. */
    String NAME = "edgewright.source";

    /** {@return the source's name, unique on the gateway} */
    String name();

    /** {@return one line: what it is and how it does, such as {@code rtsp://...: 25 frames/s, reconnected twice}} */
    String status();

    /**
     * Opens a stream of its own for the caller; a live source that is connected once serves all its streams.
     *
     * @return a stream that the caller closes
     */
    FrameStream open();
}
