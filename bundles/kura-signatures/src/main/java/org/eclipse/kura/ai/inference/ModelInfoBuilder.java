// SPDX-License-Identifier: Apache-2.0
package org.eclipse.kura.ai.inference;

import java.util.ArrayList;
import java.util.List;
import org.osgi.annotation.versioning.ProviderType;

/** Kura's refuses to build without a name, an input and an output, and so does this one. */
@ProviderType
public class ModelInfoBuilder {

    final String name;
    String platform;
    String version;
    final List<TensorDescriptor> inputs = new ArrayList<>();
    final List<TensorDescriptor> outputs = new ArrayList<>();

    ModelInfoBuilder(String name) {
        this.name = name;
    }

    public ModelInfoBuilder platform(String platform) {
        this.platform = platform;
        return this;
    }

    public ModelInfoBuilder version(String version) {
        this.version = version;
        return this;
    }

    public ModelInfoBuilder addAllInputDescriptor(List<TensorDescriptor> descriptors) {
        inputs.addAll(descriptors);
        return this;
    }

    public ModelInfoBuilder addAllOutputDescriptor(List<TensorDescriptor> descriptors) {
        outputs.addAll(descriptors);
        return this;
    }

    public ModelInfo build() {
        if (name == null || name.isEmpty() || inputs.isEmpty() || outputs.isEmpty()) {
            throw new IllegalArgumentException("name, inputs or outputs are empty, expected at least one of each");
        }
        return new ModelInfo(this);
    }
}
