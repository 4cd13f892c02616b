// SPDX-License-Identifier: Apache-2.0
package io.edgewright.it.kura.emulation;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.eclipse.kura.KuraErrorCode;
import org.eclipse.kura.KuraException;
import org.eclipse.kura.crypto.CryptoService;
import org.osgi.service.component.annotations.Component;

/** Encrypts nothing, but so that clear text and what stands for a cipher text are never mistaken for each other. */
@Component(name = "kura.emulation.crypto")
public final class CryptoEmulation implements CryptoService {

    private static final String MARK = "cipher:";

    @Override
    public char[] encryptAes(char[] value) {
        byte[] bytes = new String(value).getBytes(StandardCharsets.UTF_8);
        return (MARK + Base64.getEncoder().encodeToString(bytes)).toCharArray();
    }

    @Override
    public char[] decryptAes(char[] encryptedValue) throws KuraException {
        String text = new String(encryptedValue);
        if (!text.startsWith(MARK)) {
            throw new KuraException(KuraErrorCode.DECODER_ERROR, "not encrypted");
        }
        byte[] bytes = Base64.getDecoder().decode(text.substring(MARK.length()));
        return new String(bytes, StandardCharsets.UTF_8).toCharArray();
    }
}
