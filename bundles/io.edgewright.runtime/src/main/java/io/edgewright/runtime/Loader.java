// SPDX-License-Identifier: Apache-2.0
package io.edgewright.runtime;

import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.accelerator.LoadOptions;
import io.edgewright.api.accelerator.ModelSession;
import io.edgewright.api.model.ModelException;
import io.edgewright.api.model.ModelFile;
import io.edgewright.api.optimize.Evaluator;
import io.edgewright.runtime.LoadFailure.Fault;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;

/** Makes a version ready on a device: memory, load, warm up, self-test. */
final class Loader {

    private final MemoryAdmission memory;
    private final SelfTest selfTest;
    private final Watchdog watchdog;
    private final Consumer<LoadedVersion> whenDrained;
    private final Executor executor;

    Loader(
            MemoryAdmission memory,
            SelfTest selfTest,
            Watchdog watchdog,
            Consumer<LoadedVersion> whenDrained,
            Executor executor) {
        this.memory = memory;
        this.selfTest = selfTest;
        this.watchdog = watchdog;
        this.whenDrained = whenDrained;
        this.executor = executor;
    }

    /**
     * Begins to make a model ready, once its memory is there.
     *
     * @param whenLate told when it has ended and nobody waited any more
     */
    LoadTask start(Loadable model, Found place, LoadSpec spec, double tolerance, Consumer<LoadTask> whenLate)
            throws LoadFailure {
        long setAside = memory.admit(model.form());
        boolean started = false;
        try {
            var task = new LoadTask(
                    place,
                    spec,
                    () -> {
                        try {
                            return loadAdmitted(model, place, spec, tolerance);
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

    private LoadedVersion loadAdmitted(Loadable model, Found place, LoadSpec spec, double tolerance)
            throws LoadFailure {
        long before = memory.residentBytes();
        LoadedVersion version = open(model, place, spec);
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
        memory.measured(model.form(), memory.residentBytes() - before);
        return version;
    }

    private LoadedVersion open(Loadable model, Found place, LoadSpec spec) throws LoadFailure {
        ModelFile file;
        try {
            file = model.opener().open();
        } catch (ModelException e) {
            throw new LoadFailure(Fault.MODEL, String.valueOf(e.getMessage()), e);
        }
        ModelSession session = null;
        boolean opened = false;
        try {
            session = place.driver().load(file.in(model.format()), place.accelerator(), options(model, spec));
            ModelSession named = NamedSession.of(session, model.manifest(), model.format());
            var version = new LoadedVersion(model, place, file, named, spec, watchdog, whenDrained);
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

    private static LoadOptions options(Loadable model, LoadSpec spec) {
        Map<String, String> properties = new HashMap<>(spec.options());
        properties.putAll(model.load());
        String threads = properties.remove(Evaluator.Candidate.THREADS);
        return new LoadOptions(
                spec.goal(), threads == null ? 0 : Integer.parseInt(threads), spec.trusted(), properties);
    }
}
