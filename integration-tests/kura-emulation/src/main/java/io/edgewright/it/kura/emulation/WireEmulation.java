// SPDX-License-Identifier: Apache-2.0
package io.edgewright.it.kura.emulation;

import java.util.ArrayList;
import java.util.Dictionary;
import java.util.HashMap;
import java.util.Hashtable;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.eclipse.kura.wire.WireComponent;
import org.eclipse.kura.wire.WireEmitter;
import org.eclipse.kura.wire.WireEnvelope;
import org.eclipse.kura.wire.WireHelperService;
import org.eclipse.kura.wire.WireReceiver;
import org.eclipse.kura.wire.WireRecord;
import org.eclipse.kura.wire.WireSupport;
import org.eclipse.kura.wire.graph.EmitterPort;
import org.eclipse.kura.wire.graph.MultiportWireSupport;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceReference;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.wireadmin.Consumer;
import org.osgi.service.wireadmin.Producer;
import org.osgi.service.wireadmin.Wire;
import org.osgi.util.tracker.ServiceTracker;

/**
 * Wires as Kura's wire graph and WireAdmin make them: by service PIDs, as soon as both ends are registered, and again when one
 * comes back. A component's ports are counted from {@code emitter.port.count}, else one if it is a WireEmitter. Values are
 * handed over on the emitter's thread; what a receiver throws is kept.
 */
@Component(
        name = "kura.emulation.wires",
        immediate = true,
        service = {WireHelperService.class, WireEmulation.class})
public final class WireEmulation implements WireHelperService {

    private static final String PORT = "emitter.port";

    private record Link(String emitter, int port, String receiver) {}

    private final BundleContext context;
    private final List<Link> links = new ArrayList<>();
    private final List<Throwable> failures = new CopyOnWriteArrayList<>();
    private final Map<String, ServiceReference<WireComponent>> components = new HashMap<>();
    private final ServiceTracker<WireComponent, WireComponent> tracker;

    @Activate
    public WireEmulation(BundleContext context) {
        this.context = context;
        this.tracker = new Components();
        tracker.open();
    }

    @Deactivate
    void stop() {
        tracker.close();
    }

    /** Connects a port of a component to another one, now or when both are there; components by kura.service.pid. */
    public synchronized void connect(String emitter, int port, String receiver) {
        links.add(new Link(emitter, port, receiver));
        refresh();
    }

    /** {@return what receivers have thrown} */
    public List<Throwable> failures() {
        return List.copyOf(failures);
    }

    @Override
    public WireSupport newWireSupport(WireComponent component, ServiceReference<WireComponent> reference) {
        if (reference == null) {
            return null;
        }
        Object servicePid = reference.getProperty("service.pid");
        if (!(servicePid instanceof String) || !(reference.getProperty("kura.service.pid") instanceof String)) {
            throw new IllegalArgumentException("service.pid is " + servicePid + ", expected a String");
        }
        Object ports = reference.getProperty("emitter.port.count");
        int count = ports instanceof Integer set ? set : component instanceof WireEmitter ? 1 : 0;
        return new Support(component, servicePid.toString(), count);
    }

    private synchronized void refresh() {
        components.forEach((name, reference) -> {
            WireComponent component = context.getService(reference);
            if (component instanceof Producer producer) {
                Wire[] out = links.stream()
                        .filter(l -> l.emitter.equals(name) && components.containsKey(l.receiver))
                        .map(this::wire)
                        .toArray(Wire[]::new);
                producer.consumersConnected(out.length == 0 ? null : out);
            }
            if (component instanceof Consumer consumer) {
                boolean connected =
                        links.stream().anyMatch(l -> l.receiver.equals(name) && components.containsKey(l.emitter));
                consumer.producersConnected(connected ? new Wire[0] : null);
            }
        });
    }

    private Wire wire(Link link) {
        return new Connection(link.port, (Consumer) context.getService(components.get(link.receiver)));
    }

    private final class Components extends ServiceTracker<WireComponent, WireComponent> {

        Components() {
            super(WireEmulation.this.context, WireComponent.class, null);
        }

        @Override
        public WireComponent addingService(ServiceReference<WireComponent> reference) {
            WireComponent component = super.addingService(reference); // while it is being registered, as WireAdmin
            synchronized (WireEmulation.this) {
                components.put(String.valueOf(reference.getProperty("kura.service.pid")), reference);
                refresh();
            }
            return component;
        }

        @Override
        public void removedService(ServiceReference<WireComponent> reference, WireComponent component) {
            synchronized (WireEmulation.this) {
                components.values().removeIf(reference::equals);
                refresh();
            }
            super.removedService(reference, component);
        }
    }

    /** One wire; a value goes straight to the receiver. */
    private final class Connection implements Wire {

        private final int port;
        private final Consumer receiver;

        Connection(int port, Consumer receiver) {
            this.port = port;
            this.receiver = receiver;
        }

        @Override
        public void update(Object value) {
            try {
                receiver.updated(this, value);
            } catch (RuntimeException | LinkageError e) { // as WireAdmin: the emitter does not get to know
                failures.add(e);
            }
        }

        @Override
        public Dictionary<String, Object> getProperties() {
            Dictionary<String, Object> properties = new Hashtable<>();
            properties.put(PORT, port);
            return properties;
        }

        @Override
        public boolean isValid() {
            return true;
        }

        @Override
        public boolean isConnected() {
            return true;
        }

        @Override
        public Class<?>[] getFlavors() {
            return new Class<?>[] {WireEnvelope.class};
        }

        @Override
        public Object poll() {
            throw new UnsupportedOperationException("not used here");
        }

        @Override
        public Object getLastValue() {
            throw new UnsupportedOperationException("not used here");
        }

        @Override
        public boolean hasScope(String name) {
            return true;
        }

        @Override
        public String[] getScope() {
            return new String[0];
        }
    }

    /** The outgoing ports of a component; what comes in is given to the component itself. */
    private static final class Support implements MultiportWireSupport {

        private final WireComponent component;
        private final String servicePid;
        private final List<Out> ports = new ArrayList<>();

        Support(WireComponent component, String servicePid, int count) {
            this.component = component;
            this.servicePid = servicePid;
            for (int i = 0; i < count; i++) {
                ports.add(new Out());
            }
        }

        @Override
        public List<EmitterPort> getEmitterPorts() {
            return List.copyOf(ports);
        }

        @Override
        public WireEnvelope createWireEnvelope(List<WireRecord> records) {
            return new WireEnvelope(servicePid, records);
        }

        @Override
        public synchronized void emit(List<WireRecord> records) {
            ports.forEach(port -> port.emit(createWireEnvelope(records)));
        }

        @Override
        public synchronized void consumersConnected(Wire[] wires) {
            ports.forEach(port -> port.wires.clear());
            for (Wire wire : wires == null ? new Wire[0] : wires) {
                ports.get((Integer) wire.getProperties().get(PORT)).wires.add(wire);
            }
        }

        @Override
        public Object polled(Wire wire) {
            return wire.getLastValue();
        }

        @Override
        public void producersConnected(Wire[] wires) {
            // a receiver of ours has one port
        }

        @Override
        public void updated(Wire wire, Object value) {
            ((WireReceiver) component).onWireReceive((WireEnvelope) value);
        }
    }

    private static final class Out implements EmitterPort {

        private final List<Wire> wires = new CopyOnWriteArrayList<>();

        @Override
        public void emit(WireEnvelope envelope) {
            wires.forEach(wire -> wire.update(envelope));
        }
    }
}
