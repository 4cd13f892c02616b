// SPDX-License-Identifier: Apache-2.0
package org.eclipse.kura.wire.graph;

import org.osgi.annotation.versioning.ProviderType;

/** A place of a component where wires end. */
@ProviderType
public interface Port {}
