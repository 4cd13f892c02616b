// SPDX-License-Identifier: Apache-2.0
package io.edgewright.packages;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.KeyStore.PrivateKeyEntry;
import java.util.zip.ZipFile;
import jdk.security.jarsigner.JarSigner;

/** Signs packages as jars are signed, with a key of the builder. */
final class Signer {

    private final JarSigner signer;

    private Signer(JarSigner signer) {
        this.signer = signer;
    }

    /**
     * {@return a signer with one key of a key store}
     *
     * @param keyStore a PKCS #12 or JKS file
     * @param alias of the key, with its certificates
     * @param password of store and key
     * @throws IOException if the store or the key cannot be read; the message says which
     */
    static Signer of(Path keyStore, String alias, char[] password) throws IOException {
        try {
            KeyStore store = KeyStore.getInstance(keyStore.toFile(), password);
            if (!(store.getEntry(alias, new KeyStore.PasswordProtection(password)) instanceof PrivateKeyEntry key)) {
                throw new IOException(
                        "%s has no private key '%s', expected the alias of one".formatted(keyStore, alias));
            }
            return new Signer(new JarSigner.Builder(key).signerName("PACKAGER").build());
        } catch (GeneralSecurityException e) {
            throw new IOException("cannot read the key '" + alias + "' in " + keyStore + ": " + e.getMessage(), e);
        }
    }

    void sign(Path file) throws IOException {
        Path signed = file.resolveSibling(file.getFileName() + ".signed");
        try (var zip = new ZipFile(file.toFile());
                OutputStream out = Files.newOutputStream(signed)) {
            signer.sign(zip, out);
        }
        Files.move(signed, file, StandardCopyOption.REPLACE_EXISTING);
    }
}
