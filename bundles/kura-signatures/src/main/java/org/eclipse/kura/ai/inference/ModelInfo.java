// SPDX-License-Identifier: Apache-2.0
package org.eclipse.kura.ai.inference;

import java.util.List;
import java.util.Optional;
import org.osgi.annotation.versioning.ProviderType;

/** What goes into a model and comes out of it. */
@ProviderType
public class ModelInfo {

    private final ModelInfoBuilder built;

    ModelInfo(ModelInfoBuilder built) {
        this.built = built;
    }

    public static ModelInfoBuilder builder(String name) {
        return new ModelInfoBuilder(name);
    }

    public String getName() {
        return built.name;
    }

    public Optional<String> getPlatform() {
        return Optional.ofNullable(built.platform);
    }

    public Optional<String> getVersion() {
        return Optional.ofNullable(built.version);
    }

    public List<TensorDescriptor> getInputs() {
        return List.copyOf(built.inputs);
    }

    public List<TensorDescriptor> getOutputs() {
        return List.copyOf(built.outputs);
    }
}
