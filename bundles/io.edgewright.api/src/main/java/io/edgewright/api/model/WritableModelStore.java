// SPDX-License-Identifier: Apache-2.0
package io.edgewright.api.model;

import java.io.InputStream;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.osgi.annotation.versioning.ProviderType;

/** A store that models can be added to and removed from. Also registered as a {@link ModelStore}. */
@ProviderType
public interface WritableModelStore extends ModelStore {

    /**
     * What the caller knows about a model that is being added.
     *
     * @param name its name; empty: what the package's {@code model.json} says, else the file's name
     * @param version its version; empty: what {@code model.json} says, else 1.0.0, or the next free major version
     * @param properties added to the manifest's, over those of the package
     * @param sha256 the digest the content must have; empty: not checked
     */
    record AddOptions(
            Optional<String> name, Optional<String> version, Map<String, String> properties, Optional<String> sha256) {

        /** Nothing is known. */
        public static final AddOptions NONE =
                new AddOptions(Optional.empty(), Optional.empty(), Map.of(), Optional.empty());

        /** Copies. */
        public AddOptions {
            properties = Map.copyOf(properties);
        }
    }

    /**
     * Adds a model from a file (ONNX, or a zip of a folder) or a folder (with or without {@code model.json}).
     *
     * @param source the file or folder; it is copied
     * @param options what the caller knows
     * @return the manifest as stored; adding the same content under the same id again answers the stored one
     * @throws ModelException with {@code INVALID_MODEL}, {@code DIGEST_MISMATCH}, {@code ALREADY_EXISTS},
     *     {@code TOO_LARGE} or {@code STORAGE}; the store is then unchanged
     */
    ModelManifest add(Path source, AddOptions options) throws ModelException;

    /**
     * Adds a model from a stream, which is written to disk as it arrives and never held in memory.
     *
     * @param content an ONNX file or a zip; read to its end, not closed
     * @param fileName what the sender calls it, such as {@code shelf.onnx}; only its last part is used
     * @param options what the caller knows
     * @return the manifest as stored
     * @throws ModelException as {@link #add(Path, AddOptions)}
     */
    ModelManifest add(InputStream content, String fileName, AddOptions options) throws ModelException;

    /**
     * Removes a model. Those who hold it open go on; its files are deleted when the last one closes it.
     *
     * @param id one of {@link #models()}
     * @throws ModelException with {@code NOT_FOUND} or {@code STORAGE}
     */
    void remove(ModelId id) throws ModelException;
}
