// SPDX-License-Identifier: Apache-2.0
package io.edgewright.kura.bridge;

import io.edgewright.api.config.SecretDecoder;
import org.eclipse.kura.KuraException;
import org.eclipse.kura.crypto.CryptoService;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Decodes passwords with Kura's key. */
@Component(name = KuraSecrets.NAME, service = SecretDecoder.class, property = "kura.ui.service.hide=true")
public final class KuraSecrets implements SecretDecoder {

    static final String NAME = "io.edgewright.kura.bridge.secrets";

    private static final Logger LOG = LoggerFactory.getLogger(KuraSecrets.class);

    private final CryptoService crypto;

    /**
     * Called by Declarative Services.
     *
     * @param crypto has the key
     */
    @Activate
    public KuraSecrets(@Reference CryptoService crypto) {
        this.crypto = crypto;
    }

    /** What Kura's key does not decode is taken for clear text, as Kura itself does; it never is in a log. */
    @Override
    public String decode(String configured) {
        if (configured.isEmpty()) {
            return "";
        }
        try {
            return new String(crypto.decryptAes(configured.toCharArray()));
        } catch (KuraException e) {
            LOG.warn(
                    "A password is not encrypted with Kura's key; using it as it is. Set it again to have it encrypted.");
            return configured;
        }
    }
}
