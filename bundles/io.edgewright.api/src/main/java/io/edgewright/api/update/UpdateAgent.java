// SPDX-License-Identifier: Apache-2.0
package io.edgewright.api.update;

import java.util.Map;
import org.osgi.annotation.versioning.ProviderType;

/** The state machine that fetches, checks, applies and observes updates; a service. Thread-safe. */
@ProviderType
public interface UpdateAgent {

    /** {@return where each known update stands, by its id} */
    Map<String, UpdateProgress> updates();

    /**
     * Takes an update on, whatever source it came from.
     *
     * @param update what to apply
     * @throws IllegalArgumentException if this agent cannot apply it; the message says what was expected
     * @throws IllegalStateException if one with this id is under way, or too many wait
     */
    void submit(Update update);

    /**
     * Ends an update that has not been applied yet.
     *
     * @param id its id
     * @return false if it is unknown, applied or ended
     */
    boolean cancel(String id);
}
