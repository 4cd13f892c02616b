// SPDX-License-Identifier: Apache-2.0
package io.edgewright.api.model;

import org.osgi.annotation.versioning.ConsumerType;

/** A service that is told when a store's models changed. */
@ConsumerType
public interface ModelStoreListener {

    /**
     * Models were added to or removed from a store. Called on the store's thread: return at once.
     *
     * @param store the store that changed
     */
    void modelsChanged(ModelStore store);
}
