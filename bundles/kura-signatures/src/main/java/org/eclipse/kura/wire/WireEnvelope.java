// SPDX-License-Identifier: Apache-2.0
package org.eclipse.kura.wire;

import java.util.List;
import org.osgi.annotation.versioning.ProviderType;
import org.osgi.service.wireadmin.BasicEnvelope;

/** Records that one emitter sends together. */
@ProviderType
public class WireEnvelope extends BasicEnvelope {

    public WireEnvelope(String emitterPid, List<WireRecord> wireRecords) {
        super(List.copyOf(wireRecords), emitterPid, "WIRES");
    }

    public String getEmitterPid() {
        return (String) getIdentification();
    }

    @SuppressWarnings("unchecked") // as it was given to the constructor
    public List<WireRecord> getRecords() {
        return (List<WireRecord>) getValue();
    }
}
