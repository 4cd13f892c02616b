// SPDX-License-Identifier: Apache-2.0
package io.edgewright.packages;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.KeyStore.PrivateKeyEntry;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import jdk.security.jarsigner.JarSigner;

/** Signs packages as jars are signed, with a key of the builder. */
public final class Signer {

    private static final String NAME = "PACKAGER";

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
    public static Signer of(Path keyStore, String alias, char[] password) throws IOException {
        try {
            KeyStore store = KeyStore.getInstance(keyStore.toFile(), password);
            if (!(store.getEntry(alias, new KeyStore.PasswordProtection(password)) instanceof PrivateKeyEntry key)) {
                throw new IOException(
                        "%s has no private key '%s', expected the alias of one".formatted(keyStore, alias));
            }
            return new Signer(new JarSigner.Builder(key).signerName(NAME).build());
        } catch (GeneralSecurityException e) {
            throw new IOException("cannot read the key '" + alias + "' in " + keyStore + ": " + e.getMessage(), e);
        }
    }

    /**
     * Signs in place. The files of the signature come last, where Felix DeploymentAdmin does not trip over them; who verifies
     * a jar finds them anywhere.
     *
     * @param file a package
     * @throws IOException if it cannot be read or written
     */
    public void sign(Path file) throws IOException {
        Path signed = file.resolveSibling(file.getFileName() + ".signed");
        try (var zip = new ZipFile(file.toFile());
                OutputStream out = Files.newOutputStream(signed)) {
            signer.sign(zip, out);
        }
        try (var zip = new ZipFile(signed.toFile());
                var out = new ReproducibleJar(Files.newOutputStream(file))) {
            List<ZipEntry> entries = new ArrayList<>(Collections.list(zip.entries()));
            entries.sort(Comparator.comparing(Signer::isOfTheSignature)); // keeps the order otherwise
            for (ZipEntry entry : entries) {
                try (InputStream content = zip.getInputStream(entry)) {
                    out.add(entry.getName(), content.readAllBytes());
                }
            }
        }
        Files.delete(signed);
    }

    private static boolean isOfTheSignature(ZipEntry entry) {
        return entry.getName().startsWith("META-INF/" + NAME + ".");
    }
}
