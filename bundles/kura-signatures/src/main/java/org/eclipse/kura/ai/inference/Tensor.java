// SPDX-License-Identifier: Apache-2.0
package org.eclipse.kura.ai.inference;

import java.util.List;
import java.util.Optional;
import org.osgi.annotation.versioning.ProviderType;

/** Boxed elements, row-major, with their descriptor. */
@ProviderType
public class Tensor {

    private final Class<?> type;
    private final TensorDescriptor descriptor;
    private final List<?> data;

    public <T> Tensor(Class<T> type, TensorDescriptor descriptor, List<T> data) {
        this.type = type;
        this.descriptor = descriptor;
        this.data = data;
    }

    public TensorDescriptor getDescriptor() {
        return descriptor;
    }

    @SuppressWarnings("unchecked") // the type says so
    public <T> Optional<List<T>> getData(Class<T> wanted) {
        return type == wanted ? Optional.of((List<T>) data) : Optional.empty();
    }

    public Class<?> getType() {
        return type;
    }
}
