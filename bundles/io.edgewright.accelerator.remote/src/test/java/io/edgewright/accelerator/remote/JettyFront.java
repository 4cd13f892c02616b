// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.remote;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.eclipse.jetty.alpn.server.ALPNServerConnectionFactory;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http2.server.HTTP2ServerConnectionFactory;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.SecureRequestCustomizer;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.ssl.SslContextFactory;

/** Puts Jetty, with TLS and HTTP/2, before a test server. */
final class JettyFront implements AutoCloseable {

    final Set<String> protocols = ConcurrentHashMap.newKeySet();
    private final Server jetty = new Server();
    private final ServerConnector connector;

    /**
     * @param two false: HTTP/1.1 only
     */
    JettyFront(TestServer behind, TestKeys keys, boolean two) throws Exception {
        var http = new HttpConfiguration();
        http.addCustomizer(new SecureRequestCustomizer(false));
        var ssl = new SslContextFactory.Server();
        ssl.setKeyStorePath(keys.store().toUri().toString());
        ssl.setKeyStorePassword(new String(TestKeys.PASSWORD));
        var alpn = new ALPNServerConnectionFactory();
        alpn.setDefaultProtocol("http/1.1");
        connector = two
                ? new ServerConnector(
                        jetty,
                        new SslConnectionFactory(ssl, alpn.getProtocol()),
                        alpn,
                        new HTTP2ServerConnectionFactory(http),
                        new HttpConnectionFactory(http))
                : new ServerConnector(
                        jetty, new SslConnectionFactory(ssl, "http/1.1"), new HttpConnectionFactory(http));
        connector.setHost("127.0.0.1");
        jetty.addConnector(connector);
        jetty.setHandler(new Handler.Abstract() {
            @Override
            public boolean handle(Request request, Response response, Callback callback) throws Exception {
                protocols.add(request.getConnectionMetaData().getHttpVersion().asString());
                forward(behind, request, response, callback);
                return true;
            }
        });
        jetty.start();
    }

    String url() {
        return "https://127.0.0.1:" + connector.getLocalPort();
    }

    @Override
    public void close() {
        try {
            jetty.stop();
        } catch (Exception e) {
            throw new IllegalStateException("Jetty does not stop", e);
        }
    }

    private static void forward(TestServer behind, Request request, Response response, Callback callback)
            throws IOException, InterruptedException {
        Map<String, String> headers = new TreeMap<>();
        for (HttpField field : request.getHeaders()) {
            headers.put(field.getName().toLowerCase(Locale.ROOT), field.getValue());
        }
        ByteBuffer content = Content.Source.asByteBuffer(request);
        byte[] body = new byte[content.remaining()];
        content.get(body);
        var out = new ByteArrayOutputStream();
        String path = request.getHttpURI().getPath();
        behind.answer(new TestServer.Asked(request.getMethod(), path, headers, body), out);
        var in = new ByteArrayInputStream(out.toByteArray());
        var answer = new Answer(64 << 20);
        new HttpReader(in::read).read(answer);
        response.setStatus(answer.status());
        if (answer.jsonLength() >= 0) {
            response.getHeaders().put("Inference-Header-Content-Length", Integer.toString(answer.jsonLength()));
        }
        response.write(true, ByteBuffer.wrap(answer.body(), 0, answer.size()), callback);
    }
}
