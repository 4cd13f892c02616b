// SPDX-License-Identifier: Apache-2.0
package io.edgewright.api.model;

import java.util.List;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * A place that keeps models: a service. Several may be present; where two have the same {@link ModelId}, the one with the
 * higher {@code service.ranking} is used. A store calls every {@link ModelStoreListener} service after a change.
 * Thread-safe.
 */
@ConsumerType
public interface ModelStore {

    /** {@return a short name such as {@code local}; unique on the gateway} */
    String name();

    /** {@return every model that is whole and verified, in no order; fast enough to be called often} */
    List<ModelManifest> models();

    /**
     * Opens a model and verifies its digest.
     *
     * @param id one of {@link #models()}
     * @return a handle that the caller closes
     * @throws ModelException with {@code NOT_FOUND}, {@code DIGEST_MISMATCH} or {@code STORAGE}
     */
    ModelFile open(ModelId id) throws ModelException;
}
