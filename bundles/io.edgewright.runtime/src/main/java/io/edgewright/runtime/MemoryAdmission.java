// SPDX-License-Identifier: Apache-2.0
package io.edgewright.runtime;

import io.edgewright.api.model.ModelManifest;
import io.edgewright.runtime.LoadFailure.Fault;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/** Lets a model be loaded only if its memory is there: an overlapped swap holds two models at once. Thread-safe. */
final class MemoryAdmission {

    /** Reads how much memory there is. */
    interface Reader {

        /** {@return bytes that could be had without swapping; Long.MAX_VALUE if unknown} */
        long availableBytes();

        /** {@return bytes this process holds; 0 if unknown} */
        long residentBytes();
    }

    private static final long MIB = 1 << 20;
    private static final int FILE_SIZES = 3; // what loading took for models measured, with their first runs

    private final Reader reader;
    private final Supplier<RuntimeSettings> settings;
    private final Map<String, Long> growth = new ConcurrentHashMap<>();

    MemoryAdmission(Reader reader, Supplier<RuntimeSettings> settings) {
        this.reader = reader;
        this.settings = settings;
    }

    void admit(ModelManifest manifest) throws LoadFailure {
        long needed = neededBytes(manifest);
        long margin = settings.get().memoryMarginMib() * MIB;
        long available = reader.availableBytes();
        if (available - margin < needed) {
            throw new LoadFailure(
                    Fault.MEMORY,
                    "%s needs about %d MiB beside %d MiB left free, but %d MiB are available; free memory, raise the limit"
                                    .formatted(manifest.id(), mib(needed), mib(margin), mib(available))
                            + " of the container, or deploy a smaller model");
        }
    }

    /** Remembers by how much the process grew while a model was loaded. */
    void measured(ModelManifest manifest, long bytes) {
        growth.merge(manifest.digest(), Math.max(bytes, manifest.sizeBytes()), Math::max);
    }

    long residentBytes() {
        return reader.residentBytes();
    }

    private long neededBytes(ModelManifest manifest) {
        return growth.getOrDefault(manifest.digest(), FILE_SIZES * manifest.sizeBytes());
    }

    private static long mib(long bytes) {
        return (bytes + MIB - 1) / MIB;
    }
}
