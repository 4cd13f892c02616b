// SPDX-License-Identifier: Apache-2.0
package org.eclipse.kura.configuration;

import org.osgi.annotation.versioning.ConsumerType;

/** A marker: Kura manages the configuration of a service of this type. */
@ConsumerType
public interface ConfigurableComponent {}
