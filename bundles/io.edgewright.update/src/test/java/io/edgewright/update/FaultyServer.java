// SPDX-License-Identifier: Apache-2.0
package io.edgewright.update;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Serves one content with ranges and an ETag, and fails as it is told, once for each fault. */
final class FaultyServer implements AutoCloseable {

    /** What goes wrong with one request. */
    enum Fault {
        /** The connection ends in the middle. */
        BREAK,
        /** The connection stays, but nothing comes. */
        STALL,
        /** 503. */
        BUSY,
        /** 404. */
        GONE,
        /** The range asked for is ignored. */
        NO_RANGE,
        /** A range is answered, but another one. */
        OTHER_RANGE,
        /** There is another content from now on. */
        CHANGE,
        /** Neither length nor range is told. */
        CHUNKED
    }

    final Queue<Fault> faults = new ConcurrentLinkedQueue<>();
    final Queue<String> ranges = new ConcurrentLinkedQueue<>();
    final CountDownLatch stalled = new CountDownLatch(1);
    volatile byte[] content;
    volatile byte[] next;
    private volatile String tag = "\"one\"";

    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final CountDownLatch closed = new CountDownLatch(1);

    FaultyServer(byte[] content) throws IOException {
        this.content = content;
        this.next = content;
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::answer);
        server.setExecutor(threads);
        server.start();
    }

    URI uri() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/models/shelf.onnx");
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            Fault fault = faults.poll();
            if (fault == Fault.CHANGE) {
                content = next;
                tag = "\"two\"";
            }
            byte[] all = content;
            String range = Optional.ofNullable(exchange.getRequestHeaders().getFirst("Range"))
                    .orElse("");
            String condition = exchange.getRequestHeaders().getFirst("If-Range");
            ranges.add(range);
            if (fault == Fault.BUSY || fault == Fault.GONE) {
                exchange.sendResponseHeaders(fault == Fault.BUSY ? 503 : 404, -1);
                return;
            }
            boolean whole = range.isEmpty() || fault == Fault.NO_RANGE || (condition != null && !condition.equals(tag));
            int from = whole ? 0 : Integer.parseInt(range.replaceAll("[^0-9]", ""));
            if (from >= all.length) {
                exchange.getResponseHeaders().set("Content-Range", "bytes */" + all.length);
                exchange.sendResponseHeaders(416, -1);
                return;
            }
            send(exchange, all, from, whole, fault);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void send(HttpExchange exchange, byte[] all, int from, boolean whole, Fault fault)
            throws IOException, InterruptedException {
        exchange.getResponseHeaders().set("ETag", tag);
        int told = fault == Fault.OTHER_RANGE ? from + 1 : from;
        if (!whole) {
            exchange.getResponseHeaders()
                    .set("Content-Range", "bytes " + told + "-" + (all.length - 1) + "/" + all.length);
        }
        int length = all.length - from;
        exchange.sendResponseHeaders(whole ? 200 : 206, fault == Fault.CHUNKED ? 0 : length);
        boolean half = fault == Fault.BREAK || fault == Fault.STALL;
        exchange.getResponseBody().write(all, from, half ? length / 2 : length);
        exchange.getResponseBody().flush();
        if (fault == Fault.STALL) {
            stalled.countDown();
            closed.await();
        }
    }

    @Override
    public void close() {
        closed.countDown();
        server.stop(0);
        threads.shutdownNow();
    }
}
