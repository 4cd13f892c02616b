// SPDX-License-Identifier: Apache-2.0
package io.edgewright.kura.wires;

import java.util.List;
import org.eclipse.kura.wire.WireComponent;
import org.eclipse.kura.wire.WireEmitter;
import org.eclipse.kura.wire.WireHelperService;
import org.eclipse.kura.wire.WireRecord;
import org.eclipse.kura.wire.graph.EmitterPort;
import org.eclipse.kura.wire.graph.MultiportWireSupport;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.ServiceReference;
import org.osgi.service.component.ComponentContext;
import org.osgi.service.wireadmin.Wire;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What our wire components have in common: their outgoing wires. */
abstract class WiredComponent implements WireEmitter {

    private static final Logger LOG = LoggerFactory.getLogger(WiredComponent.class);

    /** Set by Kura's bridge or by Kura itself; the only name of an instance that lasts. */
    private static final String NAME = "kura.service.pid";

    private final String name;
    private final MultiportWireSupport wires;

    /**
     * @param helper knows the wires
     * @param context whose service reference tells Kura the component's PIDs and ports
     */
    @SuppressWarnings("unchecked") // a component of this bundle is registered as a WireComponent
    WiredComponent(WireHelperService helper, ComponentContext context) {
        this.name = String.valueOf(context.getProperties().get(NAME));
        this.wires = (MultiportWireSupport)
                helper.newWireSupport(this, (ServiceReference<WireComponent>) context.getServiceReference());
    }

    /** {@return the name in the wire graph} */
    final String name() {
        return name;
    }

    final MultiportWireSupport wires() {
        return wires;
    }

    /** Sends records out of a port, on this thread; does nothing if there are none, or no such port in this graph. */
    final void emit(int port, List<WireRecord> records) {
        List<EmitterPort> ports = wires.getEmitterPorts();
        if (records.isEmpty() || port >= ports.size()) {
            return;
        }
        try {
            ports.get(port).emit(wires.createWireEnvelope(records));
        } catch (RuntimeException e) { // a receiver is foreign code; the thread that emits must outlive it
            LOG.warn("{}: a receiver of {} records failed", name, records.size(), e);
        }
    }

    @Override
    public final Object polled(Wire wire) {
        return wires.polled(wire);
    }

    @Override
    public final void consumersConnected(Wire @Nullable [] connected) {
        wires.consumersConnected(connected);
    }
}
