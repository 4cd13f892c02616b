// SPDX-License-Identifier: Apache-2.0
package io.edgewright.source.camera;

import java.io.BufferedReader;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** A camera for tests: RTSP (RFC 2326) with plain BGR pictures (RFC 4175) in the same connection. */
final class RtspServer implements Closeable {

    static final int WIDTH = 64;
    static final int HEIGHT = 48;
    private static final int FRAMES_PER_SECOND = 40;

    private final ServerSocket server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
    private final List<Socket> connections = new CopyOnWriteArrayList<>();
    private final CountDownLatch closed = new CountDownLatch(1);
    private final AtomicInteger plays = new AtomicInteger();
    private final Semaphore teardowns = new Semaphore(0);

    RtspServer() throws IOException {
        Thread thread = new Thread(this::accept, "test-rtsp-server");
        thread.setDaemon(true);
        thread.start();
    }

    String url() {
        return "rtsp://127.0.0.1:" + server.getLocalPort() + "/live";
    }

    /** {@return how often a client began to play} */
    int plays() {
        return plays.get();
    }

    /** {@return whether a client has said goodbye, or does within this time} */
    boolean teardown(long seconds) throws InterruptedException {
        return teardowns.tryAcquire(seconds, TimeUnit.SECONDS);
    }

    /** The camera loses its power for a moment. */
    void dropConnections() throws IOException {
        for (Socket connection : connections) {
            connection.close();
        }
    }

    private void accept() {
        try {
            while (true) {
                Socket connection = server.accept();
                connections.add(connection);
                Thread thread = new Thread(() -> serve(connection), "test-rtsp-connection");
                thread.setDaemon(true);
                thread.start();
            }
        } catch (IOException e) {
            closed.countDown();
        }
    }

    private void serve(Socket connection) {
        try (connection) {
            BufferedReader in =
                    new BufferedReader(new InputStreamReader(connection.getInputStream(), StandardCharsets.ISO_8859_1));
            OutputStream out = connection.getOutputStream();
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                String method = line.substring(0, Math.max(0, line.indexOf(' ')));
                String sequence = "";
                for (String header = in.readLine(); header != null && !header.isEmpty(); header = in.readLine()) {
                    sequence = header.startsWith("CSeq:") ? header : sequence;
                }
                if (!method.isEmpty()) {
                    answer(method, sequence, connection, out);
                }
            }
        } catch (IOException e) {
            connections.remove(connection);
        }
    }

    private void answer(String method, String sequence, Socket connection, OutputStream out) throws IOException {
        String body = "";
        String headers = "";
        switch (method) {
            case "OPTIONS" -> headers = "Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN\r\n";
            case "DESCRIBE" -> {
                body = "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=test\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
                        + "m=video 0 RTP/AVP 96\r\na=rtpmap:96 raw/90000\r\na=fmtp:96 sampling=BGR; width=" + WIDTH
                        + "; height=" + HEIGHT + "; depth=8\r\na=control:track\r\n";
                headers = "Content-Type: application/sdp\r\nContent-Length: " + body.length() + "\r\n";
            }
            case "SETUP" -> headers = "Session: 1\r\nTransport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n";
            case "TEARDOWN" -> teardowns.release();
            default -> headers = "Session: 1\r\n";
        }
        synchronized (connection) {
            out.write(("RTSP/1.0 200 OK\r\n" + sequence + "\r\n" + headers + "\r\n" + body)
                    .getBytes(StandardCharsets.ISO_8859_1));
            out.flush();
        }
        if (method.equals("PLAY")) {
            plays.incrementAndGet();
            Thread thread = new Thread(() -> play(connection, out), "test-rtsp-sender");
            thread.setDaemon(true);
            thread.start();
        }
    }

    private void play(Socket connection, OutputStream out) {
        try {
            int packet = 0;
            for (int frame = 0; !closed.await(1000 / FRAMES_PER_SECOND, TimeUnit.MILLISECONDS); frame++) {
                ByteBuffer bytes = ByteBuffer.allocate(HEIGHT * (4 + 12 + 8 + WIDTH * 3));
                for (int line = 0; line < HEIGHT; line++) {
                    line(bytes, packet++, frame, line);
                }
                synchronized (connection) {
                    out.write(bytes.array());
                }
            }
        } catch (IOException | InterruptedException e) {
            connections.remove(connection);
        }
    }

    private static void line(ByteBuffer bytes, int packet, int frame, int line) {
        bytes.put((byte) '$').put((byte) 0).putShort((short) (12 + 8 + WIDTH * 3));
        bytes.put((byte) 0x80)
                .put((byte) (96 | (line == HEIGHT - 1 ? 0x80 : 0)))
                .putShort((short) packet);
        bytes.putInt(frame * (90000 / FRAMES_PER_SECOND)).putInt(7);
        bytes.putShort((short) 0)
                .putShort((short) (WIDTH * 3))
                .putShort((short) line)
                .putShort((short) 0);
        for (int i = 0; i < WIDTH * 3; i++) {
            bytes.put((byte) Videos.grey(frame));
        }
    }

    @Override
    public void close() throws IOException {
        closed.countDown();
        server.close();
        dropConnections();
    }
}
