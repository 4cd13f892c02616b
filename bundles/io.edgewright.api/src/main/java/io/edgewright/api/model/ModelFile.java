// SPDX-License-Identifier: Apache-2.0
package io.edgewright.api.model;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * A stored model, held open: its files stay readable and unchanged until this is closed, even if the model is removed
 * from its store meanwhile. Thread-safe.
 */
@ConsumerType
public interface ModelFile extends AutoCloseable {

    /** {@return what is known about it} */
    ModelManifest manifest();

    /** {@return the model file; external data lies beside it under the names that the model uses} */
    Path path();

    /**
     * {@return the golden pairs of the package, read afresh; empty if there are none}
     *
     * @throws IOException if they could not be read
     */
    default List<GoldenCase> goldenCases() throws IOException {
        return List.of();
    }

    /** Lets the store delete the files if nobody else holds them. Closing twice does nothing. */
    @Override
    void close();
}
