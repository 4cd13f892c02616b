// SPDX-License-Identifier: Apache-2.0
package org.eclipse.kura.ai.inference;

import java.util.List;
import org.osgi.annotation.versioning.ProviderType;

/** Kura's refuses an empty shape, and so does this one. */
@ProviderType
public class TensorDescriptorBuilder {

    private final String name;
    private final String type;
    private final List<Long> shape;

    TensorDescriptorBuilder(String name, String type, List<Long> shape) {
        this.name = name;
        this.type = type;
        this.shape = shape;
    }

    public TensorDescriptor build() {
        if (name.isEmpty() || type.isEmpty() || shape.isEmpty()) {
            throw new IllegalArgumentException("name, type or shape is empty, expected none of them to be");
        }
        return new TensorDescriptor(name, type, shape);
    }
}
