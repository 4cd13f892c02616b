// SPDX-License-Identifier: Apache-2.0
package io.edgewright.runtime;

import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.accelerator.LoadOptions;
import io.edgewright.api.accelerator.ModelSession;
import io.edgewright.api.model.ModelException;
import io.edgewright.api.model.ModelFile;
import io.edgewright.api.model.ModelManifest;
import io.edgewright.runtime.LoadFailure.Fault;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;

/** Makes a version ready on a device: memory, load, warm up, self-test. */
final class Loader {

    private final Catalog catalog;
    private final MemoryAdmission memory;
    private final SelfTest selfTest;
    private final Watchdog watchdog;
    private final Consumer<LoadedVersion> whenDrained;
    private final Executor executor;

    Loader(
            Catalog catalog,
            MemoryAdmission memory,
            SelfTest selfTest,
            Watchdog watchdog,
            Consumer<LoadedVersion> whenDrained,
            Executor executor) {
        this.catalog = catalog;
        this.memory = memory;
        this.selfTest = selfTest;
        this.watchdog = watchdog;
        this.whenDrained = whenDrained;
        this.executor = executor;
    }

    /**
     * Begins to make a model ready in one of its formats, once its memory is there.
     *
     * @param whenLate told when it has ended and nobody waited any more
     */
    LoadTask start(
            ModelManifest manifest,
            String format,
            Found place,
            LoadSpec spec,
            double tolerance,
            Consumer<LoadTask> whenLate)
            throws LoadFailure {
        long setAside = memory.admit(manifest.in(format));
        boolean started = false;
        try {
            var task = new LoadTask(
                    place,
                    spec,
                    () -> {
                        try {
                            return loadAdmitted(manifest, format, place, spec, tolerance);
                        } finally {
                            memory.loaded(setAside);
                        }
                    },
                    whenLate);
            executor.execute(task);
            started = true;
            return task;
        } catch (RejectedExecutionException e) {
            throw new LoadFailure(Fault.COMBINATION, "the runtime is being stopped", e);
        } finally {
            if (!started) {
                memory.loaded(setAside);
            }
        }
    }

    private LoadedVersion loadAdmitted(
            ModelManifest manifest, String format, Found place, LoadSpec spec, double tolerance) throws LoadFailure {
        long before = memory.residentBytes();
        LoadedVersion version = open(manifest, format, place, spec);
        boolean good = false;
        try {
            selfTest.run(version, tolerance);
            good = true;
        } catch (InferenceException e) {
            throw LoadFailure.of(e);
        } catch (RuntimeException | LinkageError e) { // a driver is foreign code
            throw new LoadFailure(Fault.COMBINATION, "a trial run broke the driver: " + e, e);
        } catch (OutOfMemoryError e) {
            throw new LoadFailure(Fault.MEMORY, "no memory for its buffers: " + e.getMessage(), e);
        } finally {
            if (!good) {
                version.close();
            }
        }
        memory.measured(manifest.in(format), memory.residentBytes() - before);
        return version;
    }

    private LoadedVersion open(ModelManifest manifest, String format, Found place, LoadSpec spec) throws LoadFailure {
        ModelFile file;
        try {
            file = catalog.open(manifest);
        } catch (ModelException e) {
            throw new LoadFailure(Fault.MODEL, String.valueOf(e.getMessage()), e);
        }
        ModelSession session = null;
        boolean opened = false;
        try {
            var options = new LoadOptions(spec.goal(), 0, spec.trusted(), spec.options());
            session = place.driver().load(file.in(format), place.accelerator(), options);
            ModelSession named = NamedSession.of(session, manifest, format);
            var version = new LoadedVersion(place, file, format, named, spec, watchdog, whenDrained);
            opened = true;
            return version;
        } catch (InferenceException e) {
            throw LoadFailure.of(e);
        } catch (RuntimeException | LinkageError e) { // a driver is foreign code, and may be half gone
            throw new LoadFailure(Fault.DEVICE, "the driver cannot load now: " + e, e);
        } catch (OutOfMemoryError e) {
            throw new LoadFailure(Fault.MEMORY, "no memory to load it: " + e.getMessage(), e);
        } finally {
            if (!opened) {
                if (session != null) {
                    session.close();
                }
                file.close();
            }
        }
    }
}
