// SPDX-License-Identifier: Apache-2.0
package org.eclipse.kura.ai.inference;

import java.util.List;
import org.osgi.annotation.versioning.ProviderType;

/** Name, type and shape of an input or output; types are named as in the Open Inference Protocol. */
@ProviderType
public class TensorDescriptor {

    private final String name;
    private final String type;
    private final List<Long> shape;

    TensorDescriptor(String name, String type, List<Long> shape) {
        this.name = name;
        this.type = type;
        this.shape = shape;
    }

    public static TensorDescriptorBuilder builder(String name, String type, List<Long> shape) {
        return new TensorDescriptorBuilder(name, type, shape);
    }

    public String getName() {
        return name;
    }

    public String getType() {
        return type;
    }

    public List<Long> getShape() {
        return shape;
    }
}
