// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.remote;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.edgewright.api.tensor.TensorSpec;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ServerSocketFactory;
import org.jspecify.annotations.Nullable;

/** A small server of the Open Inference Protocol v2 on loopback whose models answer their input, with faults at will. */
final class TestServer implements AutoCloseable {

    /** One request. */
    record Asked(String method, String path, Map<String, String> headers, byte[] body) {

        String header(String name) {
            return headers.getOrDefault(name, "");
        }
    }

    /** Answers in the server's place. */
    interface Fault {

        /** {@return true if the request was answered, or not, as a fault wants it} */
        boolean answer(Asked asked, Socket socket) throws IOException, InterruptedException;
    }

    /** One model: how it is described, and what is done before it answers. */
    record Model(List<TensorSpec> inputs, List<TensorSpec> outputs, boolean slow) {}

    final Map<String, Model> models = new ConcurrentHashMap<>();
    final Map<String, Model> loadable = new ConcurrentHashMap<>();
    final AtomicInteger connections = new AtomicInteger();
    final AtomicInteger inferences = new AtomicInteger();
    final AtomicInteger readyChecks = new AtomicInteger();
    volatile Fault fault = (asked, socket) -> false;
    volatile boolean binary = true;
    volatile boolean ready = true;
    volatile boolean readsInferences = true;
    volatile int padding;
    volatile String token = "";
    volatile @Nullable Asked lastInference;
    private final ServerSocketFactory sockets;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final CountDownLatch stopped = new CountDownLatch(1);
    private final int port;
    private volatile ServerSocket server;

    TestServer() throws IOException {
        this(ServerSocketFactory.getDefault());
    }

    TestServer(ServerSocketFactory sockets) throws IOException {
        this.sockets = sockets;
        this.server = listen(0);
        this.port = server.getLocalPort();
        accept(server);
    }

    String url() {
        return "http://127.0.0.1:" + port;
    }

    int port() {
        return port;
    }

    /** Adds a model {@code x -> y = x}. */
    void identity(String name, TensorSpec x) {
        var y = new TensorSpec("y", x.type(), x.shape());
        models.put(name, new Model(List.of(x), List.of(y), false));
    }

    /** Ends the server and all its connections, as a power cut would. */
    void kill() throws IOException {
        server.close();
        dropConnections();
    }

    int open() {
        return open.size();
    }

    void dropConnections() throws IOException {
        for (Socket socket : open) {
            socket.close();
        }
    }

    /** Listens again on the same port. */
    void restart() throws IOException {
        server = listen(port);
        accept(server);
    }

    @Override
    public void close() throws IOException {
        stopped.countDown();
        kill();
    }

    /** Waits until the server is closed: a stall. */
    void stall() throws InterruptedException {
        stopped.await(60, TimeUnit.SECONDS);
    }

    private ServerSocket listen(int at) throws IOException {
        ServerSocket socket = sockets.createServerSocket();
        socket.setReuseAddress(true);
        socket.bind(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), at), 100);
        return socket;
    }

    private void accept(ServerSocket from) {
        start(() -> {
            while (!from.isClosed()) {
                Socket socket = from.accept();
                open.add(socket);
                connections.incrementAndGet();
                if (from.isClosed()) {
                    socket.close(); // it came while the server was killed
                }
                start(() -> {
                    try (socket) {
                        serve(socket);
                    } finally {
                        open.remove(socket);
                    }
                });
            }
        });
    }

    private interface Body {
        void run() throws IOException, InterruptedException;
    }

    private static void start(Body body) {
        var thread = new Thread(
                () -> {
                    try {
                        body.run();
                    } catch (IOException e) {
                        // the connection or the server was closed, as tests want it
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                },
                "test-server");
        thread.setDaemon(true);
        thread.start();
    }

    private void serve(Socket socket) throws IOException, InterruptedException {
        socket.setTcpNoDelay(true);
        InputStream in = new BufferedInputStream(socket.getInputStream(), 1 << 16);
        while (true) {
            Asked asked = read(in);
            if (asked == null) {
                return;
            }
            if (asked.path().endsWith("/infer")) {
                inferences.incrementAndGet();
                lastInference = asked;
            }
            if (!fault.answer(asked, socket)) {
                answer(asked, socket.getOutputStream());
            }
        }
    }

    private @Nullable Asked read(InputStream in) throws IOException, InterruptedException {
        String first = line(in);
        if (first.isEmpty()) {
            return null;
        }
        Map<String, String> headers = new TreeMap<>();
        for (String line = line(in); !line.isEmpty(); line = line(in)) {
            int colon = line.indexOf(':');
            headers.put(
                    line.substring(0, colon).toLowerCase(Locale.ROOT),
                    line.substring(colon + 1).strip());
        }
        if (!readsInferences && first.contains("/infer ")) {
            stall();
        }
        int length = Integer.parseInt(headers.getOrDefault("content-length", "0"));
        String[] words = first.split(" ");
        return new Asked(words[0], words[1], headers, in.readNBytes(length));
    }

    private static String line(InputStream in) throws IOException {
        var line = new ByteArrayOutputStream();
        for (int c = in.read(); c >= 0 && c != '\n'; c = in.read()) {
            line.write(c);
        }
        return line.toString(StandardCharsets.ISO_8859_1).strip();
    }

    /** Writes the answer as HTTP/1.1. */
    void answer(Asked asked, OutputStream out) throws IOException, InterruptedException {
        String path = asked.path();
        if (path.startsWith("/v2/health/")) {
            readyChecks.incrementAndGet();
            send(out, ready ? 200 : 400, "");
        } else if (!token.isEmpty() && !asked.header("authorization").equals("Bearer " + token)) {
            send(out, 401, "{\"error\":\"who are you?\"}");
        } else if (path.equals("/v2")) {
            String extensions = binary ? "\"binary_tensor_data\",\"model_repository\"" : "\"model_repository\"";
            send(out, 200, "{\"name\":\"test\",\"version\":\"1\",\"extensions\":[" + extensions + "]}");
        } else if (path.startsWith("/v2/repository/models/")) {
            String name = path.split("/")[4];
            Model found = loadable.get(name);
            if (found != null) {
                models.put(name, found);
            }
            send(out, found == null ? 400 : 200, "{\"error\":\"cannot load\"}");
        } else {
            model(asked, out);
        }
    }

    private void model(Asked asked, OutputStream out) throws IOException, InterruptedException {
        String[] parts = asked.path().split("/");
        Model model = models.get(parts[3]);
        if (model == null) {
            send(out, 404, "{\"error\":\"unknown model\"}");
        } else if (asked.path().endsWith("/ready")) {
            send(out, 200, "");
        } else if (asked.path().endsWith("/infer")) {
            if (model.slow()) {
                stall();
            }
            infer(asked, out);
        } else {
            send(out, 200, describe(parts[3], model));
        }
    }

    private static String describe(String name, Model model) {
        return "{\"name\":\"" + name + "\",\"versions\":[\"1\"],\"platform\":\"test\",\"inputs\":"
                + specs(model.inputs()) + ",\"outputs\":" + specs(model.outputs()) + "}";
    }

    private static String specs(List<TensorSpec> specs) {
        return specs.stream()
                .map(s -> "{\"name\":\"%s\",\"datatype\":\"%s\",\"shape\":%s}"
                        .formatted(s.name(), s.type().protocolName(), s.shape()))
                .toList()
                .toString();
    }

    private void infer(Asked asked, OutputStream out) throws IOException {
        String length = asked.header("inference-header-content-length");
        int json = length.isEmpty() ? asked.body().length : Integer.parseInt(length);
        JsonObject request = JsonParser.parseString(new String(asked.body(), 0, json, StandardCharsets.UTF_8))
                .getAsJsonObject();
        JsonObject input = request.getAsJsonArray("inputs").get(0).getAsJsonObject();
        var output = new JsonObject();
        output.addProperty("name", "y");
        for (String copied : List.of("datatype", "shape", "data", "parameters")) {
            JsonElement value = input.get(copied);
            if (value != null) {
                output.add(copied, value);
            }
        }
        var outputs = new JsonArray();
        outputs.add(output);
        var answer = new JsonObject();
        answer.addProperty("model_name", "m");
        answer.add("outputs", outputs);
        answer.addProperty("id", " ".repeat(padding));
        byte[] text = answer.toString().getBytes(StandardCharsets.UTF_8);
        byte[] data = Arrays.copyOfRange(asked.body(), json, asked.body().length);
        String extra = length.isEmpty() ? "" : "Inference-Header-Content-Length: " + text.length + "\r\n";
        byte[] whole = Arrays.copyOf(text, text.length + data.length);
        System.arraycopy(data, 0, whole, text.length, data.length);
        send(out, 200, extra, whole);
    }

    static void send(OutputStream out, int status, String body) throws IOException {
        send(out, status, "Content-Type: application/json\r\n", body.getBytes(StandardCharsets.UTF_8));
    }

    static void send(OutputStream out, int status, String headers, byte[] body) throws IOException {
        var all = new ByteArrayOutputStream();
        all.writeBytes(("HTTP/1.1 " + status + " Said\r\n" + headers + "Content-Length: " + body.length + "\r\n\r\n")
                .getBytes(StandardCharsets.ISO_8859_1));
        all.writeBytes(body);
        out.write(all.toByteArray());
        out.flush();
    }
}
