// SPDX-License-Identifier: Apache-2.0
package io.edgewright.rest;

import com.sun.net.httpserver.HttpServer;
import io.edgewright.api.http.HttpDispatcher;
import io.edgewright.api.http.HttpExchange;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Serves a dispatcher on a loopback port with the JDK's HTTP server. */
final class LoopbackServer implements AutoCloseable {

    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();

    LoopbackServer(HttpDispatcher dispatcher, int port) throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), port), 0);
        server.setExecutor(threads);
        server.createContext("/", exchange -> {
            try (exchange) {
                dispatcher.dispatch(new Adapter(exchange));
            }
        });
        server.start();
    }

    int port() {
        return server.getAddress().getPort();
    }

    String url() {
        return "http://127.0.0.1:" + port();
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }

    private static final class Adapter implements HttpExchange {

        private final com.sun.net.httpserver.HttpExchange exchange;

        Adapter(com.sun.net.httpserver.HttpExchange exchange) {
            this.exchange = exchange;
        }

        @Override
        public String method() {
            return exchange.getRequestMethod();
        }

        @Override
        public String path() {
            return exchange.getRequestURI().getPath();
        }

        @Override
        public Optional<String> query(String name) {
            String query = exchange.getRequestURI().getRawQuery();
            if (query == null) {
                return Optional.empty();
            }
            for (String pair : query.split("&")) {
                String[] parts = pair.split("=", 2);
                if (parts[0].equals(name)) {
                    return Optional.of(parts.length == 2 ? URLDecoder.decode(parts[1], StandardCharsets.UTF_8) : "");
                }
            }
            return Optional.empty();
        }

        @Override
        public Optional<String> header(String name) {
            return Optional.ofNullable(exchange.getRequestHeaders().getFirst(name));
        }

        @Override
        public String remoteAddress() {
            return exchange.getRemoteAddress().getAddress().getHostAddress();
        }

        @Override
        public boolean secure() {
            return false;
        }

        @Override
        public long contentLength() {
            return header("Content-Length").map(Long::parseLong).orElse(-1L);
        }

        @Override
        public InputStream body() {
            return exchange.getRequestBody();
        }

        @Override
        public Optional<String> user() {
            return Optional.empty();
        }

        @Override
        public boolean hasRole(String role) {
            return false;
        }

        @Override
        public void setHeader(String name, String value) {
            exchange.getResponseHeaders().set(name, value);
        }

        @Override
        public OutputStream respond(int status, String contentType, long length) throws IOException {
            if (!contentType.isEmpty()) {
                setHeader("Content-Type", contentType);
            }
            boolean head = method().equals("HEAD");
            exchange.sendResponseHeaders(status, head || length == 0 ? -1 : length < 0 ? 0 : length);
            return head ? OutputStream.nullOutputStream() : exchange.getResponseBody();
        }
    }
}
