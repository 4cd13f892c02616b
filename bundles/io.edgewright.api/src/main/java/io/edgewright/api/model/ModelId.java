// SPDX-License-Identifier: Apache-2.0
package io.edgewright.api.model;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Name and version of a model, unique within a store.
 *
 * @param name letters, digits, {@code . _ -}, at most 100, not starting with a dot: it becomes a folder name
 * @param version its version
 */
public record ModelId(String name, ModelVersion version) {

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}");

    /** Checks. */
    public ModelId {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException("model name '" + name
                    + "' is malformed, expected 1 to 100 of letters, digits, '.', '_', '-', not starting with a dot");
        }
    }

    /**
     * {@return the id}
     *
     * @param name the model's name
     * @param version such as {@code 1.1.0}
     * @throws IllegalArgumentException if one of them is malformed
     */
    public static ModelId of(String name, String version) {
        return new ModelId(name, ModelVersion.parse(version));
    }

    // Written out, as the first use of a generated one costs the start of a gateway milliseconds.

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof ModelId id && name.equals(id.name) && version.equals(id.version);
    }

    @Override
    public int hashCode() {
        return 31 * name.hashCode() + version.hashCode();
    }

    /** {@return {@code name:version}} */
    @Override
    public String toString() {
        return name + ":" + version;
    }
}
