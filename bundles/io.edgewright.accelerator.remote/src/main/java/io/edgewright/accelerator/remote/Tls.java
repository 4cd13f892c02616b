// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.remote;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.Collection;
import java.util.HexFormat;
import java.util.Locale;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * How a server is trusted: by the authorities of the Java platform or those of a file, by the fingerprint of its public
 * key, or by both. With a fingerprint alone neither the issuer nor the name in the certificate matters. Thread-safe.
 */
final class Tls {

    private final SSLContext context;
    private final boolean checksName;

    private Tls(SSLContext context, boolean checksName) {
        this.context = context;
        this.checksName = checksName;
    }

    /**
     * Reads the trusted certificates.
     *
     * @param trustFile PEM certificates; empty for the authorities of the Java platform
     * @param pin {@code sha256/} and the digest of the public key in base64 or hexadecimal, as
     *     {@code openssl x509 -pubkey | openssl pkey -pubin -outform der | openssl dgst -sha256} gives it; empty for none
     * @throws IllegalArgumentException if one of them is malformed; the message says what was expected
     */
    static Tls of(String trustFile, String pin) {
        byte[] fingerprint = fingerprint(pin);
        boolean byIssuer = !trustFile.isBlank() || fingerprint.length == 0;
        try {
            X509ExtendedTrustManager issuers = byIssuer ? issuers(trustFile) : null;
            var context = SSLContext.getInstance("TLS");
            context.init(null, new TrustManager[] {new Trust(issuers, fingerprint)}, null);
            return new Tls(context, byIssuer);
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException("TLS cannot be set up: " + e.getMessage(), e);
        }
    }

    SSLContext context() {
        return context;
    }

    /** {@return TLS over a connected socket, the handshake not done yet} */
    SSLSocket over(Socket plain, Endpoint endpoint) throws IOException {
        var socket = (SSLSocket) context.getSocketFactory().createSocket(plain, endpoint.host(), endpoint.port(), true);
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setProtocols(new String[] {"TLSv1.3", "TLSv1.2"});
        parameters.setApplicationProtocols(new String[] {"http/1.1"});
        if (checksName) {
            parameters.setEndpointIdentificationAlgorithm("HTTPS");
        }
        socket.setSSLParameters(parameters);
        return socket;
    }

    private static byte[] fingerprint(String pin) {
        String text = pin.strip();
        if (text.isEmpty()) {
            return new byte[0];
        }
        String digest = text.toLowerCase(Locale.ROOT).startsWith("sha256/") ? text.substring(7) : text;
        try {
            String hex = digest.replace(":", "");
            byte[] bytes = hex.length() == 64
                    ? HexFormat.of().parseHex(hex)
                    : Base64.getDecoder().decode(digest);
            if (bytes.length == 32) {
                return bytes;
            }
        } catch (IllegalArgumentException e) {
            throw malformedPin(pin, e);
        }
        throw malformedPin(pin, null);
    }

    private static IllegalArgumentException malformedPin(String pin, @Nullable Throwable cause) {
        return new IllegalArgumentException(
                "tls.pin is '" + pin + "', expected sha256/ and 32 bytes in base64 or hexadecimal", cause);
    }

    private static X509ExtendedTrustManager issuers(String trustFile) throws GeneralSecurityException {
        KeyStore store = trustFile.isBlank() ? null : certificates(Path.of(trustFile));
        var factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(store);
        for (TrustManager manager : factory.getTrustManagers()) {
            if (manager instanceof X509ExtendedTrustManager x509) {
                return x509;
            }
        }
        throw new GeneralSecurityException("this Java platform has no trust manager for certificates");
    }

    private static KeyStore certificates(Path file) throws GeneralSecurityException {
        try (InputStream in = Files.newInputStream(file)) {
            Collection<? extends Certificate> found =
                    CertificateFactory.getInstance("X.509").generateCertificates(in);
            if (found.isEmpty()) {
                throw new CertificateException("it holds no certificate");
            }
            KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(null, null);
            int number = 0;
            for (Certificate certificate : found) {
                store.setCertificateEntry("trusted-" + number++, certificate);
            }
            return store;
        } catch (IOException | CertificateException e) {
            throw new IllegalArgumentException(
                    "tls.trust.file '" + file + "' cannot be used, expected certificates in PEM: " + e, e);
        }
    }

    /** Asks the issuers, if there are any, and then for the fingerprint, if there is one. */
    private static final class Trust extends X509ExtendedTrustManager {

        private final @Nullable X509ExtendedTrustManager issuers;
        private final byte[] fingerprint;

        Trust(@Nullable X509ExtendedTrustManager issuers, byte[] fingerprint) {
            this.issuers = issuers;
            this.fingerprint = fingerprint;
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket)
                throws CertificateException {
            if (issuers != null) {
                issuers.checkServerTrusted(chain, type, socket);
            }
            checkPin(chain);
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine)
                throws CertificateException {
            if (issuers != null) {
                issuers.checkServerTrusted(chain, type, engine);
            }
            checkPin(chain);
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
            throw new CertificateException("a certificate can only be checked for a connection");
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) throws CertificateException {
            throw new CertificateException("there are no clients here");
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket)
                throws CertificateException {
            checkClientTrusted(chain, type);
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine)
                throws CertificateException {
            checkClientTrusted(chain, type);
        }

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return issuers == null ? new X509Certificate[0] : issuers.getAcceptedIssuers();
        }

        private void checkPin(X509Certificate[] chain) throws CertificateException {
            if (fingerprint.length == 0) {
                return;
            }
            byte[] found;
            try {
                found = MessageDigest.getInstance("SHA-256")
                        .digest(chain[0].getPublicKey().getEncoded());
            } catch (GeneralSecurityException e) {
                throw new CertificateException(e);
            }
            if (!MessageDigest.isEqual(found, fingerprint)) {
                throw new CertificateException("the server's public key is sha256/"
                        + Base64.getEncoder().encodeToString(found) + ", expected that of tls.pin");
            }
        }
    }
}
