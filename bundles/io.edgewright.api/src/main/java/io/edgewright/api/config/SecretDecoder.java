// SPDX-License-Identifier: Apache-2.0
package io.edgewright.api.config;

import org.osgi.annotation.versioning.ProviderType;

/**
 * Turns a password setting into its clear text. Kura hands passwords to components encrypted; a plain gateway has no such
 * service, and a component without one takes the value as it is.
 */
@ProviderType
public interface SecretDecoder {

    /**
     * {@return the clear text}
     *
     * @param configured the value in the component's configuration
     */
    String decode(String configured);
}
