// SPDX-License-Identifier: Apache-2.0
package io.edgewright.api.model;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * A model seen in one of its forms.
 *
 * @param whole the model with all its forms
 * @param manifest that of the form
 */
record FormFile(ModelFile whole, ModelManifest manifest) implements ModelFile {

    @Override
    public Path path() {
        Path folder = whole.path();
        for (int i = Path.of(whole.manifest().file()).getNameCount(); i > 0; i--) {
            folder = folder.resolveSibling("");
        }
        return folder.resolve(manifest.file());
    }

    @Override
    public List<GoldenCase> goldenCases() throws IOException {
        return whole.goldenCases();
    }

    @Override
    public void close() {
        whole.close();
    }
}
