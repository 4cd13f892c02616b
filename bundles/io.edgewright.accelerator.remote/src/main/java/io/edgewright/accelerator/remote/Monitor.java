// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.remote;

import io.edgewright.accelerator.remote.RemoteServer.Facts;
import io.edgewright.api.accelerator.Accelerator;
import io.edgewright.api.accelerator.AcceleratorKind;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Watches one server from a daemon thread: the device is there from the first good answer until a number of checks in a
 * row have failed, and again from the next good one. Pauses between failed checks double, with some chance in them so
 * that many gateways do not ask a server that comes back all at once. Thread-safe.
 */
final class Monitor implements Runnable, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Monitor.class);

    /** The file's own copy of a model is not what runs, so its format does not matter. */
    private static final Set<String> FORMATS = Set.of("onnx", "tflite", "torchscript");

    private static final int LEAST_PAUSE_MILLIS = 50;
    private static final Duration FIRST_PAUSE = Duration.ofMillis(500);

    private final RemoteSettings settings;
    private final RemoteServer server;
    private final Runnable changed;
    private final Thread thread;
    private final Semaphore wake = new Semaphore(0);
    private volatile Accelerator device;
    private volatile Facts facts = new Facts("", "", Set.of(), "");
    private volatile boolean present;
    private volatile String message;
    private volatile boolean suspicious = true;
    private volatile boolean closed;
    private int failures;

    /**
     * @param changed called on the monitor's thread when the device came or went
     */
    Monitor(RemoteSettings settings, RemoteServer server, Runnable changed) {
        this.settings = settings;
        this.server = server;
        this.changed = changed;
        this.device = describe(facts);
        this.message = "server " + settings.endpoint() + " has not answered yet";
        this.thread = new Thread(this, "edgewright-" + settings.driver());
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    List<Accelerator> devices() {
        return present ? List.of(device) : List.of();
    }

    Optional<String> unavailable() {
        return present ? Optional.empty() : Optional.of(message);
    }

    /** {@return what the server said about itself when it last came} */
    Facts facts() {
        return facts;
    }

    /** A run failed in a way that may be the server's: look at once, and closely. */
    void suspect() {
        suspicious = true;
        if (wake.availablePermits() == 0) {
            wake.release();
        }
    }

    @Override
    public void run() {
        while (!closed) {
            look();
            pause();
        }
    }

    @Override
    public void close() {
        closed = true;
        wake.release();
    }

    private void look() {
        boolean closely = suspicious || !present;
        suspicious = false;
        try {
            server.check();
            if (closely) {
                Facts now = server.facts(); // needs the token, which the check does not
                if (!now.equals(facts) || !present) {
                    facts = now;
                    device = describe(now);
                }
            }
            well();
        } catch (Trouble e) {
            notWell(e);
        } catch (RuntimeException e) { // a fault of ours must not end the watch
            LOG.error("{}: the check failed; it goes on", settings.device(), e);
            notWell(new Trouble(Trouble.Kind.PROTOCOL, "the check failed: " + e, e));
        }
    }

    private void well() {
        failures = 0;
        if (!present) {
            present = true;
            LOG.info(
                    "{}: {} is ready, with {} tensors",
                    settings.device(),
                    device.description(),
                    server.takesBinary(facts) ? "binary" : "JSON");
            changed.run();
        }
    }

    private void notWell(Trouble e) {
        if (closed) {
            return;
        }
        failures++;
        message = "server " + settings.endpoint() + " is not available: " + e.text() + advice(e);
        suspicious = true;
        if (present && failures >= settings.check().failures()) {
            present = false;
            LOG.warn(
                    "{}: {} checks failed; the device is gone until the server is back. {}",
                    settings.device(),
                    failures,
                    message);
            changed.run();
        } else if (failures == 1) {
            LOG.warn("{}: {}", settings.device(), message);
        }
    }

    private static String advice(Trouble e) {
        return switch (e.kind()) {
            case UNREACHABLE -> "; check url, that the server runs, and the network";
            case TLS -> "; check tls.trust.file, tls.pin and the server's certificate";
            case TIMEOUT -> "; the server stalls: look at its load";
            default -> "";
        };
    }

    private void pause() {
        Duration pause = settings.check().every();
        if (failures > 0) {
            long doubled = FIRST_PAUSE.toMillis() << Math.min(20, failures - 1);
            Duration most =
                    present ? settings.check().every() : settings.check().longest();
            pause = Duration.ofMillis(Math.min(doubled, most.toMillis()));
        }
        long nanos = (long) (pause.toNanos() * ThreadLocalRandom.current().nextDouble(0.8, 1.2));
        try {
            TimeUnit.MILLISECONDS.sleep(LEAST_PAUSE_MILLIS); // however many runs fail
            if (wake.tryAcquire(nanos, TimeUnit.NANOSECONDS)) {
                wake.drainPermits();
            }
        } catch (InterruptedException e) {
            closed = true; // only this class knows the thread
        }
    }

    private Accelerator describe(Facts now) {
        String what = now.name().isEmpty() ? "server" : (now.name() + " " + now.version()).strip();
        return new Accelerator(
                settings.device(),
                settings.driver(),
                AcceleratorKind.REMOTE,
                "",
                what + " at " + settings.endpoint(),
                0,
                FORMATS,
                true,
                Map.of(
                        "url", settings.endpoint().toString(),
                        "protocol", now.protocol(),
                        "extensions", String.join(",", now.extensions())));
    }
}
