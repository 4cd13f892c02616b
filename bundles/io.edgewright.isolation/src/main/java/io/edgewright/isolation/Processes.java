// SPDX-License-Identifier: Apache-2.0
package io.edgewright.isolation;

import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.isolation.EngineSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/** The child processes that there are; those that keep sessions are shared by equal specs. Thread-safe. */
final class Processes implements AutoCloseable {

    private final Folders folders;
    private final Map<EngineSpec, Shared> shared = new HashMap<>(); // guarded by this
    private final Set<EngineProcess> all = new HashSet<>(); // guarded by this
    private boolean closed; // guarded by this

    /** A process and how many sessions it has. */
    static final class Shared {

        private final EngineSpec engine;
        private final CompletableFuture<EngineProcess> process = new CompletableFuture<>();
        private int users = 1; // guarded by Processes

        Shared(EngineSpec engine) {
            this.engine = engine;
        }

        /** {@return the process, once it was given out} */
        EngineProcess process() {
            return process.join();
        }

        boolean isUsable() {
            return !process.isDone()
                    || (!process.isCompletedExceptionally() && process().isAlive());
        }
    }

    Processes(Folders folders) {
        this.folders = folders;
    }

    /** {@return the Java launcher of this process} */
    static Path java() throws IOException {
        Path java = Path.of(System.getProperty("java.home", "."), "bin", "java");
        if (!java.toFile().canExecute()) {
            throw new IOException("this Java has no bin/java to start");
        }
        return java;
    }

    /** Starts a process for the caller alone, who gives it to {@link #end}. */
    EngineProcess start(EngineSpec engine) throws IOException, ProcessEnded, InferenceException, InterruptedException {
        EngineProcess process = EngineProcess.start(engine, java(), folders);
        boolean late;
        synchronized (this) {
            late = closed;
            all.add(process);
        }
        if (late) {
            end(process);
            throw new ProcessEnded(ProcessEnded.Ending.CLOSED, "this service is being stopped");
        }
        return process;
    }

    void end(EngineProcess process) {
        synchronized (this) {
            all.remove(process);
        }
        process.close();
    }

    /** {@return the process of that spec, started if there is none that lives; to be given to {@link #release}} */
    Shared acquire(EngineSpec engine) throws IOException, ProcessEnded, InferenceException, InterruptedException {
        while (true) {
            Shared entry;
            boolean mine = false;
            synchronized (this) {
                entry = shared.get(engine);
                if (entry != null && entry.isUsable()) {
                    entry.users++;
                } else {
                    entry = new Shared(engine);
                    shared.put(engine, entry);
                    mine = true;
                }
            }
            if (mine) {
                return started(entry);
            }
            boolean got = false;
            try {
                entry.process.get();
                got = true;
                return entry;
            } catch (ExecutionException e) {
                continue; // whoever started it tells why; this thread finds out for itself
            } finally {
                if (!got) {
                    leave(entry);
                }
            }
        }
    }

    /** Ends the process if it has no other session. */
    void release(Shared entry) {
        if (leave(entry)) {
            end(entry.process());
        }
    }

    private Shared started(Shared entry) throws IOException, ProcessEnded, InferenceException, InterruptedException {
        try {
            entry.process.complete(start(entry.engine));
            return entry;
        } finally {
            if (!entry.process.isDone()) {
                leave(entry);
                entry.process.cancel(false);
            }
        }
    }

    /** {@return true if nobody is left} */
    private synchronized boolean leave(Shared entry) {
        boolean last = --entry.users == 0;
        if (last) {
            shared.remove(entry.engine, entry);
        }
        return last;
    }

    @Override
    public void close() {
        Set<EngineProcess> left;
        synchronized (this) {
            closed = true;
            left = Set.copyOf(all);
        }
        left.forEach(this::end);
    }
}
