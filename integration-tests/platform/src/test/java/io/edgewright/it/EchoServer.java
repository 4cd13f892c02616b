// SPDX-License-Identifier: Apache-2.0
package io.edgewright.it;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A server of the Open Inference Protocol on loopback with every model there is: {@code x: FP32 [1, 4] -> y}, whose four
 * answers are {@code 101, 102, 103, 104} whatever is asked. It can be killed and started again on its port.
 */
final class EchoServer implements AutoCloseable {

    private static final String SPEC = "[{\"name\":\"%s\",\"datatype\":\"FP32\",\"shape\":[1,4]}]";

    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final AtomicInteger inferences = new AtomicInteger();
    private volatile ServerSocket server;
    private final int port;

    EchoServer() throws IOException {
        server = listen(0);
        port = server.getLocalPort();
    }

    String url() {
        return "http://127.0.0.1:" + port;
    }

    int inferences() {
        return inferences.get();
    }

    void start() throws IOException {
        server = listen(port);
    }

    @Override
    public void close() throws IOException {
        kill();
    }

    /** Ends the server and all its connections, as a power cut would. */
    void kill() throws IOException {
        server.close();
        for (Socket socket : open) {
            socket.close();
        }
    }

    private ServerSocket listen(int at) throws IOException {
        var socket = new ServerSocket();
        socket.setReuseAddress(true);
        socket.bind(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), at));
        var thread = new Thread(() -> accept(socket), "echo-server");
        thread.setDaemon(true);
        thread.start();
        return socket;
    }

    private void accept(ServerSocket from) {
        while (!from.isClosed()) {
            try {
                Socket socket = from.accept();
                open.add(socket);
                if (from.isClosed()) {
                    socket.close(); // it came while the server was killed
                }
                var thread = new Thread(() -> serve(socket), "echo-connection");
                thread.setDaemon(true);
                thread.start();
            } catch (IOException e) {
                return; // killed
            }
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            socket.setTcpNoDelay(true);
            InputStream in = new BufferedInputStream(socket.getInputStream());
            for (String first = line(in); !first.isEmpty(); first = line(in)) {
                int length = 0;
                for (String header = line(in); !header.isEmpty(); header = line(in)) {
                    String lower = header.toLowerCase(Locale.ROOT);
                    if (lower.startsWith("content-length:")) {
                        length = Integer.parseInt(lower.substring(15).strip());
                    }
                }
                in.readNBytes(length);
                byte[] body = answer(first.split(" ")[1]).getBytes(StandardCharsets.UTF_8);
                var all = new ByteArrayOutputStream();
                all.writeBytes(("HTTP/1.1 200 OK\r\nContent-Length: " + body.length + "\r\n\r\n")
                        .getBytes(StandardCharsets.US_ASCII));
                all.writeBytes(body);
                socket.getOutputStream().write(all.toByteArray());
            }
        } catch (IOException e) {
            // the client or the server has gone
        } finally {
            open.remove(socket);
        }
    }

    private String answer(String path) {
        if (path.equals("/v2")) {
            return "{\"name\":\"echo\",\"version\":\"1\",\"extensions\":[]}";
        }
        if (path.endsWith("/infer")) {
            inferences.incrementAndGet();
            return "{\"outputs\":[{\"name\":\"y\",\"datatype\":\"FP32\",\"shape\":[1,4],\"data\":[101,102,103,104]}]}";
        }
        return "{\"inputs\":" + SPEC.formatted("x") + ",\"outputs\":" + SPEC.formatted("y") + "}";
    }

    private static String line(InputStream in) throws IOException {
        var line = new StringBuilder();
        for (int c = in.read(); c >= 0 && c != '\n'; c = in.read()) {
            line.append((char) c);
        }
        return line.toString().strip();
    }
}
