// SPDX-License-Identifier: Apache-2.0
package io.edgewright.isolation;

import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.accelerator.InferenceException.Reason;
import io.edgewright.api.accelerator.ModelSession;
import io.edgewright.api.isolation.Engine;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The child process: one engine, and a thread for each connection. It ends when its parent does, whose end of the
 * standard input is then closed by the system.
 */
final class EngineMain {

    private final String type;
    private final List<Path> folders;
    private final AtomicInteger numbers = new AtomicInteger();
    private final Map<Integer, ModelSession> sessions = new ConcurrentHashMap<>();
    private final Map<Integer, HostedSlot> slots = new ConcurrentHashMap<>();
    private @Nullable Engine engine; // guarded by this

    private EngineMain(String type, List<Path> folders) {
        this.type = type;
        this.folders = folders;
    }

    /**
     * @param args the socket to listen on, the engine's class, and the folders of shared memory
     */
    public static void main(String[] args) throws IOException {
        start(EngineMain::endWithParent, "edgewright-isolation-parent");
        var main = new EngineMain(
                args[1], Arrays.stream(args).skip(2).map(Path::of).toList());
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(args[0]), 1024);
            // not closed, as that would close the process's standard output
            new FileOutputStream(FileDescriptor.out).write((Wire.LISTENING + "\n").getBytes(StandardCharsets.UTF_8));
            while (true) {
                SocketChannel connection = server.accept();
                start(new HostedConnection(main, connection), "edgewright-isolation-" + main.number());
            }
        }
    }

    private static void start(Runnable work, String name) {
        var thread = new Thread(work, name);
        thread.setDaemon(true);
        thread.start();
    }

    private static void endWithParent() {
        try {
            while (System.in.read() >= 0) {
                // the parent writes nothing
            }
        } catch (IOException e) {
            // as good as its end
        }
        halt();
    }

    /** Ends this process: shutdown hooks of an engine are of no interest. */
    static void halt() {
        Runtime.getRuntime().halt(0);
    }

    synchronized Map<String, String> start(Map<String, String> settings) throws InferenceException {
        Engine made = make();
        engine = made;
        return made.start(settings);
    }

    synchronized Engine engine() {
        Engine started = engine;
        if (started == null) {
            throw new IllegalStateException("the engine was not started");
        }
        return started;
    }

    /** Called when the first connection is closed. */
    synchronized void end() {
        Engine started = engine;
        if (started != null) {
            started.close();
        }
        halt();
    }

    int number() {
        return numbers.incrementAndGet();
    }

    List<Path> folders() {
        return folders;
    }

    Map<Integer, ModelSession> sessions() {
        return sessions;
    }

    Map<Integer, HostedSlot> slots() {
        return slots;
    }

    private Engine make() throws InferenceException {
        try {
            var constructor = Class.forName(type).asSubclass(Engine.class).getDeclaredConstructor();
            constructor.setAccessible(true);
            return constructor.newInstance();
        } catch (ReflectiveOperationException e) {
            throw new InferenceException(
                    Reason.DEVICE_UNAVAILABLE,
                    "engine " + type + " could not be made, expected a constructor without parameters that works: "
                            + (e.getCause() == null ? e : e.getCause()),
                    e);
        }
    }
}
