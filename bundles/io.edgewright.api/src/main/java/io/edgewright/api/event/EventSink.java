// SPDX-License-Identifier: Apache-2.0
package io.edgewright.api.event;

import org.osgi.annotation.versioning.ConsumerType;

/** A service that takes events further: to a log, a browser, a broker. Every sink gets every event. Thread-safe. */
@ConsumerType
public interface EventSink {

    /**
     * Takes an event. Called on the thread where it happened: return at once, queue or drop.
     *
     * @param event what happened
     */
    void publish(Event event);
}
