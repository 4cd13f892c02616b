// SPDX-License-Identifier: Apache-2.0
package io.edgewright.api.update;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import org.osgi.annotation.versioning.ConsumerType;

/** A place that updates come from; a service. Thread-safe. */
@ConsumerType
public interface UpdateSource {

    /** {@return a short name such as {@code hawkbit}; unique on the gateway} */
    String name();

    /**
     * {@return what is offered to this gateway now}
     *
     * @throws IOException if the source could not be asked
     */
    List<Update> poll() throws IOException;

    /**
     * {@return the content from an offset on; the caller closes it}
     *
     * @param update one that this source offered
     * @param offset how many bytes are there already; 0 or more
     * @throws IOException if it could not be opened
     */
    InputStream open(Update update, long offset) throws IOException;

    /**
     * Tells the source how far the gateway is.
     *
     * @param update one that this source offered
     * @param progress where it stands
     * @throws IOException if the source could not be told; the agent tells it again later
     */
    void report(Update update, UpdateProgress progress) throws IOException;
}
