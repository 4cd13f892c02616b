// SPDX-License-Identifier: Apache-2.0
package io.edgewright.rest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Many at once. */
final class FloodTest {

    @TempDir
    Path home;

    private RestTestServer server;
    private Client nobody;

    @BeforeEach
    void start() throws IOException {
        server = new RestTestServer(home, Map.of("anonymous.requests.per.second", 0), 0);
        nobody = new Client(server.url());
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void countsGuessesThatAreMadeAtTheSameTime() throws Exception {
        var start = new CountDownLatch(1);
        ExecutorService threads = Executors.newFixedThreadPool(40);
        try {
            List<Future<Integer>> guesses = new ArrayList<>();
            for (int i = 0; i < 40; i++) {
                String credential =
                        Base64.getEncoder().encodeToString(("admin:wrong" + i).getBytes(StandardCharsets.UTF_8));
                Client guess = nobody.with("Authorization", "Basic " + credential);
                guesses.add(threads.submit(() -> {
                    start.await();
                    return guess.get("/v2").status();
                }));
            }
            start.countDown();
            int tried = 0;
            for (Future<Integer> guess : guesses) {
                tried += guess.get(60, TimeUnit.SECONDS) == 401 ? 1 : 0;
            }
            assertThat(tried).isBetween(6, 15); // 6, and what a slow machine takes so long for that a wait is over
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void keepsThreadsForUsersWhenStrangersDribbleTheirBodies() throws Exception {
        List<Socket> strangers = new ArrayList<>();
        try {
            int status = 400;
            for (int i = 0; i < 200 && status == 400; i++) {
                strangers.add(dribbling());
                status = nobody.post("/api/v1/session", "{}").status();
            }
            assertThat(status).isEqualTo(503);
            assertThat(new Client(server.url(), "Authorization", "Bearer " + server.localToken())
                            .get("/v2")
                            .status())
                    .isEqualTo(200);
        } finally {
            for (Socket stranger : strangers) {
                stranger.close();
            }
        }
    }

    private Socket dribbling() throws IOException {
        var socket = new Socket("127.0.0.1", server.server.port());
        String head = "POST /api/v1/session HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n{";
        socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
        socket.getOutputStream().flush();
        return socket;
    }
}
