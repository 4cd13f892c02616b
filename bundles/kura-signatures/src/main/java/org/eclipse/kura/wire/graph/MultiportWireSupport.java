// SPDX-License-Identifier: Apache-2.0
package org.eclipse.kura.wire.graph;

import java.util.List;
import org.eclipse.kura.wire.WireEnvelope;
import org.eclipse.kura.wire.WireRecord;
import org.eclipse.kura.wire.WireSupport;
import org.osgi.annotation.versioning.ProviderType;

/** The wires of a component with several ports. */
@ProviderType
public interface MultiportWireSupport extends WireSupport {

    List<EmitterPort> getEmitterPorts();

    WireEnvelope createWireEnvelope(List<WireRecord> records);
}
