// SPDX-License-Identifier: Apache-2.0
package io.edgewright.it.kura.probe;

import io.edgewright.api.event.Event;
import io.edgewright.api.event.EventSink;
import io.edgewright.api.source.Frame;
import io.edgewright.api.source.FrameSource;
import io.edgewright.api.source.FrameStream;
import io.edgewright.it.kura.emulation.WireEmulation;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Dictionary;
import java.util.HashMap;
import java.util.Hashtable;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;
import org.eclipse.kura.configuration.ConfigurationService;
import org.eclipse.kura.wire.WireComponent;
import org.eclipse.kura.wire.WireEmitter;
import org.eclipse.kura.wire.WireEnvelope;
import org.eclipse.kura.wire.WireReceiver;
import org.eclipse.kura.wire.WireRecord;
import org.eclipse.kura.wire.WireSupport;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceReference;
import org.osgi.service.wireadmin.Wire;

/** Our wire components in a graph with others. */
public final class WiresProbe {

    private static final String WIRES = "io.edgewright.kura.wires";
    private static final Map<String, Object> GOOD = Map.of("id", 1, "temperature", 20.5, "flow", 1);
    private static final Map<String, Object> BAD = Map.of("id", 2, "temperature", "hot", "flow", 1);

    private WiresProbe() {}

    /** Answers, errors, a deployment that goes, other settings, and a bundle that goes, in one graph. */
    public static void inferenceKeepsItsWires(BundleContext context, String deployment) throws Exception {
        ConfigurationService kura = Await.service(context, ConfigurationService.class);
        WireEmulation graph = Await.service(context, WireEmulation.class);
        Feed feed = register(context, "feed", new Feed(graph));
        Collector results = register(context, "results", new Collector());
        Collector errors = register(context, "errors", new Collector());
        create(kura, WIRES + ".inference", "check", Map.of("deployment", deployment, "emitter.port.count", 2));
        graph.connect("feed", 0, "check");
        graph.connect("check", 0, "results");
        graph.connect("check", 1, "errors");

        feed.until(results, r -> r.equals(with(GOOD, "wear", 41f)), List.of(GOOD, BAD));
        errors.await(e -> e.get("id").equals(2) && e.get("error").equals("INPUT_MISMATCH"));

        ModelProbe.undeploy(context, deployment);
        feed.until(errors, e -> e.get("error").equals("NOT_READY"), List.of(GOOD));
        ModelProbe.deploy(context, deployment);
        results.clear();
        feed.until(results, r -> r.containsKey("wear"), List.of(GOOD));

        Await.until("Kura to track the component", kura::getConfigurableComponentPids, pids -> pids.contains("check"));
        kura.updateConfiguration("check", new HashMap<>(Map.of("outputs", "age = wear", "keep", "")), true);
        feed.until(results, r -> r.equals(Map.of("age", 41f)), List.of(GOOD));

        Bundle bundle = find(context);
        String location = bundle.getLocation();
        bundle.uninstall();
        feed.send(List.of(GOOD)); // into a wire that ends nowhere
        results.clear();
        context.installBundle(location).start();
        feed.until(results, r -> r.equals(Map.of("age", 41f)), List.of(GOOD));
        Await.equal(List.of(), graph.failures());
    }

    /**
     * {@return the record of a drift alarm}
     *
     * @param component the last part of the PID of a component that sends events
     * @param settings what it is set to
     */
    public static Map<String, Object> driftAlarm(BundleContext context, String component, Map<String, Object> settings)
            throws Exception {
        ConfigurationService kura = Await.service(context, ConfigurationService.class);
        WireEmulation graph = Await.service(context, WireEmulation.class);
        Collector alarms = register(context, "alarms", new Collector());
        create(kura, WIRES + "." + component, "drift", settings);
        graph.connect("drift", 0, "alarms");
        EventSink sink = Await.service(context, EventSink.class);
        Map<String, Object> values = Map.of("input", "temperature", "psi", 0.31);
        return Await.until(
                        "an alarm",
                        () -> {
                            sink.publish(new Event("retail/door/visit", Instant.EPOCH, Map.of()));
                            sink.publish(new Event("drift/wear/alarm", Instant.EPOCH, values));
                            return alarms.records;
                        },
                        records -> !records.isEmpty())
                .get(0);
    }

    /** {@return the label of what a camera shows, found out by a graph of camera and inference} */
    public static String seen(
            BundleContext context, String deployment, int width, int height, byte[] bgr, String format)
            throws Exception {
        ConfigurationService kura = Await.service(context, ConfigurationService.class);
        WireEmulation graph = Await.service(context, WireEmulation.class);
        Collector labels = register(context, "labels", new Collector());
        context.registerService(FrameSource.class, new Still(width, height, bgr), null);
        create(
                kura,
                WIRES + ".inference",
                "look",
                Map.of("deployment", deployment, "picture", "image", "answer", "class"));
        create(kura, WIRES + ".camera", "camera", Map.of("source", "still", "format", format));
        graph.connect("look", 0, "labels");
        graph.connect("camera", 0, "look");
        Await.until("a label", () -> labels.records, records -> !records.isEmpty());
        Map<String, Object> seen = labels.records.get(0);
        Await.equal("still", seen.get("source"));
        Await.equal(false, seen.containsKey("image"));
        kura.deleteFactoryConfiguration("camera", false);
        kura.deleteFactoryConfiguration("look", false);
        Await.equal(List.of(), graph.failures());
        return seen.get("label").toString();
    }

    private static Bundle find(BundleContext context) {
        return Arrays.stream(context.getBundles())
                .filter(b -> WIRES.equals(b.getSymbolicName()))
                .findFirst()
                .orElseThrow();
    }

    private static void create(ConfigurationService kura, String factoryPid, String name, Map<String, Object> settings)
            throws Exception {
        kura.createFactoryConfiguration(factoryPid, name, new HashMap<>(settings), true);
    }

    private static Map<String, Object> with(Map<String, Object> values, String name, Object value) {
        Map<String, Object> all = new HashMap<>(values);
        all.put(name, value);
        return all;
    }

    private static <C extends WireComponent> C register(BundleContext context, String name, C component) {
        Dictionary<String, Object> properties = new Hashtable<>(Map.of("service.pid", name, "kura.service.pid", name));
        var registration = context.registerService(WireComponent.class, component, properties);
        if (component instanceof Feed feed) {
            feed.start(registration.getReference());
        }
        return component;
    }

    /** Sends records. */
    private static final class Feed implements WireEmitter {

        private final WireEmulation graph;
        private volatile WireSupport wires;

        Feed(WireEmulation graph) {
            this.graph = graph;
        }

        void start(ServiceReference<WireComponent> reference) {
            wires = graph.newWireSupport(this, reference);
        }

        void send(List<Map<String, Object>> records) {
            wires.emit(records.stream().map(Plain::record).toList());
        }

        /** Sends again and again until such a record has arrived: a component may be just coming or changing. */
        void until(Collector collector, Predicate<Map<String, Object>> wanted, List<Map<String, Object>> records)
                throws Exception {
            Await.until(
                    "a record",
                    () -> {
                        send(records);
                        return collector.records;
                    },
                    arrived -> arrived.stream().anyMatch(wanted));
        }

        @Override
        public Object polled(Wire wire) {
            return wires.polled(wire);
        }

        @Override
        public void consumersConnected(Wire[] connected) {
            if (wires != null) {
                wires.consumersConnected(connected);
            }
        }
    }

    /** Keeps what arrives. */
    private static final class Collector implements WireReceiver {

        private final List<Map<String, Object>> records = new CopyOnWriteArrayList<>();

        void await(Predicate<Map<String, Object>> wanted) throws Exception {
            Await.until("a record", () -> records, arrived -> arrived.stream().anyMatch(wanted));
        }

        void clear() {
            records.clear();
        }

        @Override
        public void onWireReceive(WireEnvelope envelope) {
            for (WireRecord record : envelope.getRecords()) {
                records.add(Plain.values(record));
            }
        }

        @Override
        public void updated(Wire wire, Object value) {
            onWireReceive((WireEnvelope) value);
        }

        @Override
        public void producersConnected(Wire[] connected) {
            // it takes what comes
        }
    }

    /** A camera that looks at one picture. */
    private static final class Still implements FrameSource {

        private final int width;
        private final int height;
        private final ByteBuffer bgr;

        Still(int width, int height, byte[] bgr) {
            this.width = width;
            this.height = height;
            this.bgr = ByteBuffer.allocateDirect(bgr.length).put(bgr).flip();
        }

        @Override
        public String name() {
            return "still";
        }

        @Override
        public String status() {
            return "well";
        }

        @Override
        public FrameStream open() {
            return new FrameStream() {

                private long sequence;

                @Override
                public Optional<Frame> next(Duration wait) {
                    return Optional.of(new Frame(sequence++, Instant.now(), Duration.ZERO, width, height, bgr));
                }

                @Override
                public boolean ended() {
                    return false;
                }

                @Override
                public long dropped() {
                    return 0;
                }

                @Override
                public void close() {
                    // nothing is open
                }
            };
        }
    }
}
