// SPDX-License-Identifier: Apache-2.0
package org.eclipse.kura.wire.graph;

import org.eclipse.kura.wire.WireEnvelope;
import org.osgi.annotation.versioning.ProviderType;

/** A port with outgoing wires. */
@ProviderType
public interface EmitterPort extends Port {

    void emit(WireEnvelope wireEnvelope);
}
