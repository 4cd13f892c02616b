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

    /**
     * {@return the model file; the other files of the package lie under their names in the same folder: external data under
     * the names that the model uses, further forms under the names in the manifest}
     */
    Path path();

    /**
     * {@return this model seen in one of its forms alone; it stays open as long as this, and closing either closes both}
     *
     * @param format one of the manifest's {@link ModelManifest#formats()}
     * @throws IllegalArgumentException if the model does not come in that format; the message lists those it has
     */
    default ModelFile in(String format) {
        ModelManifest whole = manifest();
        ModelManifest form = whole.in(format);
        return form == whole ? this : new FormFile(this, form);
    }

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
