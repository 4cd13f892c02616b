// SPDX-License-Identifier: Apache-2.0
package org.eclipse.kura.configuration;

import org.osgi.annotation.versioning.ProviderType;

/** A password in clear text, on its way to Kura. */
@ProviderType
public class Password {

    private final char[] password;

    public Password(char[] password) {
        this.password = password;
    }

    public Password(String password) {
        this(password.toCharArray());
    }

    public char[] getPassword() {
        return password;
    }
}
