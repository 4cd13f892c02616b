// SPDX-License-Identifier: Apache-2.0
package org.eclipse.kura.web.api;

import java.util.Map;
import java.util.Set;
import org.osgi.annotation.versioning.ConsumerType;

/** A script that the web console loads. */
@ConsumerType
public interface ClientExtensionBundle {

    Map<String, String> getProperties();

    String getEntryPointUrl();

    Set<String> getProvidedAuthenticationMethods();
}
