// SPDX-License-Identifier: Apache-2.0
package org.eclipse.kura.wire;

import org.osgi.annotation.versioning.ConsumerType;
import org.osgi.service.wireadmin.Producer;

/** A node with outgoing wires. */
@ConsumerType
public interface WireEmitter extends WireComponent, Producer {}
