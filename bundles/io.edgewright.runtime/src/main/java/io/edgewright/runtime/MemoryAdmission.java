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
    private long setAside; // guarded by this, as the next two are
    private int underWay;
    private boolean mixed; // several were under way at once: whose memory it is cannot be told

    MemoryAdmission(Reader reader, Supplier<RuntimeSettings> settings) {
        this.reader = reader;
        this.settings = settings;
    }

    /** {@return how many bytes are set aside until {@link #loaded}, as several models may be loaded at once} */
    synchronized long admit(ModelManifest manifest) throws LoadFailure {
        long needed = neededBytes(manifest);
        long margin = settings.get().memoryMarginMib() * MIB;
        long available = reader.availableBytes() - setAside;
        if (available - margin < needed) {
            throw new LoadFailure(
                    Fault.MEMORY,
                    "%s needs about %d MiB beside %d MiB left free, but %d MiB are available; free memory, raise the limit"
                                    .formatted(manifest.id(), mib(needed), mib(margin), mib(available))
                            + " of the container, or deploy a smaller model");
        }
        setAside += needed;
        underWay++;
        mixed |= underWay > 1;
        return needed;
    }

    /** Called when a load has ended, well or not. */
    synchronized void loaded(long bytes) {
        setAside -= bytes;
        underWay--;
        mixed &= underWay > 0;
    }

    /** Remembers by how much the process grew while a model was loaded. */
    synchronized void measured(ModelManifest manifest, long bytes) {
        if (!mixed) {
            growth.merge(manifest.digest(), Math.max(bytes, manifest.sizeBytes()), Math::max);
        }
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
