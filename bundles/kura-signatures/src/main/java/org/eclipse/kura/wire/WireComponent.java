// SPDX-License-Identifier: Apache-2.0
package org.eclipse.kura.wire;

import org.osgi.annotation.versioning.ProviderType;

/** A node of the wire graph. */
@ProviderType
public interface WireComponent {}
