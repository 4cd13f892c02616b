// SPDX-License-Identifier: Apache-2.0
package io.edgewright.runtime;

import io.edgewright.api.model.ModelException;
import io.edgewright.api.model.ModelFile;
import io.edgewright.api.model.ModelManifest;
import java.util.Map;

/**
 * What can be loaded of a model: one of its forms, or an optimized variant of one.
 *
 * @param manifest of the model with all its forms
 * @param form as it is loaded: format, digest and size are those of that file
 * @param variant the key of the variant; empty for the plain model
 * @param load settings of the driver that suit the variant, over those of the deployment
 * @param opener opens the model, to be seen in the form; the caller closes it
 */
record Loadable(ModelManifest manifest, ModelManifest form, String variant, Map<String, String> load, Opener opener) {

    /** Opens a model. */
    @FunctionalInterface
    interface Opener {
        ModelFile open() throws ModelException;
    }

    /** Copies. */
    Loadable {
        load = Map.copyOf(load);
    }

    /** {@return the plain model in one of its formats} */
    static Loadable plain(Catalog catalog, ModelManifest manifest, String format) {
        return new Loadable(manifest, manifest.in(format), "", Map.of(), () -> catalog.open(manifest));
    }

    String format() {
        return form.format();
    }
}
