// SPDX-License-Identifier: Apache-2.0
package org.eclipse.kura.wire;

import org.osgi.annotation.versioning.ProviderType;
import org.osgi.framework.ServiceReference;

/** Gives a component its wires. */
@ProviderType
public interface WireHelperService {

    WireSupport newWireSupport(WireComponent wireComponent, ServiceReference<WireComponent> wireComponentRef);
}
