// SPDX-License-Identifier: Apache-2.0
package io.edgewright.launcher;

import io.edgewright.api.config.DurableFiles;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * Trusts one certificate: the one that the gateway on this home says it has. Its issuer and its host name do not matter
 * then; gateways often have certificates of their own making, for the name under which the network knows them.
 */
final class PinnedTrust extends X509ExtendedTrustManager {

    private static final Pattern COMMON_NAME = Pattern.compile("(?:^|,)CN=([^,]+)");

    private final X509Certificate expected;

    private PinnedTrust(X509Certificate expected) {
        this.expected = expected;
    }

    /** Writes the certificate of a key store to where local commands look for it. */
    static void publish(Path home, Path keyStore, String password) throws IOException {
        try {
            KeyStore store = open(keyStore, password);
            for (String alias : Collections.list(store.aliases())) {
                Certificate certificate = store.getCertificate(alias);
                if (store.isKeyEntry(alias) && certificate != null) {
                    DurableFiles.write(file(home), certificate.getEncoded());
                    return;
                }
            }
            throw new IOException("key store " + keyStore + " has no key, expected one with its certificate");
        } catch (GeneralSecurityException e) {
            throw new IOException("key store " + keyStore + " cannot be read: " + e.getMessage(), e);
        }
    }

    private static KeyStore open(Path keyStore, String password) throws GeneralSecurityException, IOException {
        try {
            return KeyStore.getInstance(keyStore.toFile(), password.toCharArray());
        } catch (IOException e) {
            throw new IOException("key store " + keyStore + " cannot be read: " + e.getMessage(), e);
        }
    }

    /**
     * How to reach the gateway on this home.
     *
     * @param context trusts its certificate only
     * @param host the name to ask for: Jetty answers only to the names in the certificate
     */
    record Pinned(SSLContext context, String host) {}

    /** {@return what trusts the gateway on this home; empty if it published no certificate} */
    static Optional<Pinned> of(Path home) throws IOException {
        Path file = file(home);
        if (!Files.isReadable(file)) {
            return Optional.empty();
        }
        try {
            var certificate = (X509Certificate) CertificateFactory.getInstance("X.509")
                    .generateCertificate(new ByteArrayInputStream(Files.readAllBytes(file)));
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, new TrustManager[] {new PinnedTrust(certificate)}, null);
            return Optional.of(new Pinned(context, hostName(certificate)));
        } catch (GeneralSecurityException e) {
            throw new IOException(file + " is no certificate: " + e.getMessage(), e);
        }
    }

    /** The first subject alternative name (2: DNS, 7: address; RFC 5280), else the common name. */
    private static String hostName(X509Certificate certificate) throws CertificateException {
        Collection<List<?>> names = certificate.getSubjectAlternativeNames();
        for (List<?> name : names == null ? List.<List<?>>of() : names) {
            if (name.get(0).equals(2) || name.get(0).equals(7)) {
                return name.get(1).toString().replaceFirst("^\\*\\.", "gateway.");
            }
        }
        Matcher common =
                COMMON_NAME.matcher(certificate.getSubjectX500Principal().getName());
        return common.find() ? common.group(1) : "localhost";
    }

    static Path file(Path home) {
        return home.resolve("run").resolve("gateway.crt");
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
        if (chain.length == 0 || !chain[0].equals(expected)) {
            throw new CertificateException("the server has another certificate than the gateway on this home");
        }
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) throws CertificateException {
        checkServerTrusted(chain, type);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) throws CertificateException {
        checkServerTrusted(chain, type);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) throws CertificateException {
        throw new CertificateException("clients are not expected to show certificates");
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) throws CertificateException {
        checkClientTrusted(chain, type);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) throws CertificateException {
        checkClientTrusted(chain, type);
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return new X509Certificate[0];
    }
}
