// SPDX-License-Identifier: Apache-2.0
package io.edgewright.isolation;

import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.isolation.EngineSpec;
import io.edgewright.isolation.ProcessEnded.Ending;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** A child process with an engine that has started, and what is known of its end. Thread-safe. */
final class EngineProcess implements AutoCloseable {

    /** How long a thread waits at once, before it looks whether it was interrupted. */
    private static final long SLICE_NANOS = Duration.ofMillis(100).toNanos();

    /** How long an engine may take to free what it holds. */
    private static final Duration FAREWELL = Duration.ofSeconds(2);

    /** How long a process that has closed its connections may take to end: it writes its crash report first. */
    private static final Duration AGONY = Duration.ofSeconds(20);

    private final EngineSpec engine;
    private final Folders.Pair folders;
    private final Path socket;
    private final ChildWatch child;
    private @Nullable Connection control; // guarded by this
    private volatile Map<String, String> found = Map.of();

    private EngineProcess(EngineSpec engine, Folders.Pair folders, Path socket, ChildWatch child) {
        this.engine = engine;
        this.folders = folders;
        this.socket = socket;
        this.child = child;
    }

    /**
     * Starts a process and its engine.
     *
     * @throws IOException if there is no process
     * @throws ProcessEnded if there is none any more
     * @throws InferenceException if the engine says that it cannot work here
     * @throws InterruptedException if this thread was interrupted; the process is gone then
     */
    static EngineProcess start(EngineSpec engine, Path java, Folders all)
            throws IOException, ProcessEnded, InferenceException, InterruptedException {
        String classPath = EngineClasses.path(engine, all.shared());
        Folders.Pair folders = all.next();
        EngineProcess process;
        boolean runs = false;
        try {
            Path socket = socketIn(folders);
            var builder = new ProcessBuilder(command(engine, java, classPath, socket, folders.shared()))
                    .directory(folders.work().toFile())
                    .redirectErrorStream(true);
            builder.environment().clear(); // no settings that would change the child, and no secrets to it
            builder.environment().put("PATH", "/usr/bin:/bin");
            builder.environment().put("LC_ALL", "C.UTF-8"); // in C, Java opens no file whose path has an umlaut
            builder.environment().putAll(engine.environment());
            var child = new ChildWatch(builder.start(), folders, engine.memoryBytes());
            process = new EngineProcess(engine, folders, socket, child);
            runs = true;
        } finally {
            if (!runs) {
                folders.delete();
            }
        }
        boolean started = false;
        try {
            process.begin();
            started = true;
            return process;
        } finally {
            if (!started) {
                process.kill(Ending.CLOSED, "it was closed");
                process.child.await(AGONY);
            }
        }
    }

    /** {@return what the engine found when it started} */
    Map<String, String> found() {
        return found;
    }

    EngineSpec engine() {
        return engine;
    }

    /** {@return where shared memory may be, in order of preference} */
    List<Path> sharedFolders() {
        return folders.shared();
    }

    boolean isAlive() {
        return child.isAlive();
    }

    long pid() {
        return child.pid();
    }

    /** Opens another connection. */
    Connection connect() throws ProcessEnded {
        try {
            return Connection.open(socket);
        } catch (IOException e) {
            throw ended(e);
        }
    }

    /**
     * Sends what was written to the connection, and waits for the answer as long as the engine may take.
     *
     * @return the answer behind its code
     * @throws ProcessEnded if the process is gone, or was killed as it took too long
     * @throws InferenceException if that is the answer
     * @throws InterruptedException if this thread was interrupted; close the connection
     */
    WireReader ask(Connection connection) throws ProcessEnded, InferenceException, InterruptedException {
        try {
            connection.send();
            WireReader answer = null;
            for (long end = end(engine.limit()); answer == null; ) {
                answer = poll(connection, end, engine.limit());
                if (answer == null && Thread.interrupted()) {
                    throw new InterruptedException("interrupted while an engine's process was asked");
                }
            }
            Wire.answer(answer);
            return answer;
        } catch (IOException e) {
            throw ended(e);
        }
    }

    /** The same for what is done soon; an interrupt of this thread is kept for later. */
    WireReader ask(Connection connection, Duration limit) throws ProcessEnded, InferenceException {
        try {
            connection.send();
            WireReader answer = null;
            for (long end = end(limit); answer == null; ) {
                answer = poll(connection, end, limit);
            }
            Wire.answer(answer);
            return answer;
        } catch (IOException e) {
            throw ended(e);
        }
    }

    /** Tells the engine to cancel a run, if it is still under way. */
    void cancel(int slot, long run) throws ProcessEnded {
        try {
            synchronized (this) {
                if (control != null) {
                    control.request(Wire.CANCEL).number32(slot).number64(run);
                    control.send();
                }
            }
        } catch (IOException e) {
            throw ended(e);
        }
    }

    /** Ends the process at once, and says why to those who use it. */
    void kill(Ending ending, String why) {
        child.kill(ending, why);
    }

    /** {@return how it ended; waits for that, as its connections tell before the system does} */
    ProcessEnded ended(IOException e) {
        if (e instanceof ProtocolException) {
            kill(Ending.CRASHED, "it wrote what makes no sense: " + e.getMessage());
        }
        return child.await(AGONY);
    }

    /** Lets the engine free what it holds, and ends the process. */
    @Override
    public void close() {
        Connection open;
        synchronized (this) {
            open = control;
            control = null;
        }
        if (open != null) {
            open.close(); // the child then ends by itself
        }
        child.close(FAREWELL);
    }

    private void begin() throws ProcessEnded, InferenceException, InterruptedException {
        try {
            child.listening().get(engine.limit().toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            kill(Ending.EXCEEDED, "it had not begun after " + engine.limit().toSeconds() + " s");
            throw child.await(AGONY);
        } catch (ExecutionException e) {
            throw child.await(AGONY);
        }
        Connection opened = connect();
        synchronized (this) {
            control = opened;
        }
        opened.request(Wire.START).texts(engine.settings());
        WireReader answer = ask(opened);
        try {
            found = Map.copyOf(answer.texts());
        } catch (ProtocolException e) {
            throw ended(e);
        }
        child.started();
    }

    private static long end(Duration limit) {
        return System.nanoTime() + limit.toNanos();
    }

    /** {@return the answer, or null if there is none yet; after the end the process is killed, and the connection tells that} */
    private @Nullable WireReader poll(Connection connection, long end, Duration limit) throws IOException {
        long left = end - System.nanoTime();
        if (left <= 0) {
            kill(Ending.EXCEEDED, "it was not done after " + limit.toSeconds() + " s");
        }
        return connection.poll(Math.max(1, Math.min(left, SLICE_NANOS)));
    }

    /** The path of a socket must be short. */
    private static Path socketIn(Folders.Pair folders) throws IOException {
        for (Path folder : List.of(folders.memory(), folders.work())) {
            Path socket = folder.resolve("s");
            if (socket.toString().getBytes(StandardCharsets.UTF_8).length < 104) {
                return socket;
            }
        }
        throw new IOException("the path of " + folders.work()
                + " is too long for a socket, expected less than 100 characters: set edgewright.home to a shorter one");
    }

    private static List<String> command(
            EngineSpec engine, Path java, String classPath, Path socket, List<Path> shared) {
        List<String> command = new ArrayList<>(List.of(
                java.toString(),
                "-XX:+UseSerialGC",
                "-XX:-UsePerfData",
                "-XX:-CreateCoredumpOnCrash",
                "-XX:ErrorFile=crash.log",
                "-Djava.io.tmpdir=.",
                "-Dslf4j.internal.verbosity=ERROR"));
        command.addAll(engine.jvmOptions());
        command.addAll(List.of(
                "-cp",
                classPath,
                EngineMain.class.getName(),
                socket.toString(),
                engine.type().getName()));
        shared.forEach(folder -> command.add(folder.toString()));
        return command;
    }
}
