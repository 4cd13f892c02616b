// SPDX-License-Identifier: Apache-2.0
package io.edgewright.store.local;

import io.edgewright.api.model.ModelForm;
import io.edgewright.api.model.ModelManifest;
import io.edgewright.api.model.ModelVersion;
import io.edgewright.api.tensor.TensorSpec;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A package that has been read and checked, but for its version.
 *
 * @param name the model's name
 * @param version its version, if somebody gave one
 * @param format of the first form, such as {@code onnx}
 * @param file the model file of the first form within the package
 * @param sizeBytes of the model file and its external data
 * @param inputs in graph order
 * @param outputs in graph order
 * @param properties as in the manifest
 * @param alternatives the further forms
 * @param content every file of the package
 */
record Candidate(
        String name,
        Optional<ModelVersion> version,
        String format,
        String file,
        long sizeBytes,
        List<TensorSpec> inputs,
        List<TensorSpec> outputs,
        Map<String, String> properties,
        List<ModelForm> alternatives,
        Map<String, Staging.Copied> content) {

    Candidate {
        properties = Map.copyOf(properties);
        alternatives = List.copyOf(alternatives);
        content = Map.copyOf(content);
    }

    String digest() {
        Staging.Copied model = content.get(file);
        if (model == null) {
            throw new IllegalStateException("the package has no '" + file + "'");
        }
        return model.digest();
    }

    /** {@return the files but the model file, with their digests} */
    Map<String, String> others() {
        Map<String, String> others = new HashMap<>();
        content.forEach((path, copied) -> others.put(path, copied.digest()));
        others.remove(file);
        return others;
    }

    Map<String, Long> sizes() {
        Map<String, Long> sizes = new HashMap<>();
        content.forEach((path, copied) -> sizes.put(path, copied.sizeBytes()));
        return sizes;
    }

    boolean sameContent(ModelManifest stored) {
        return stored.file().equals(file)
                && stored.digest().equals(digest())
                && stored.files().equals(others());
    }
}
