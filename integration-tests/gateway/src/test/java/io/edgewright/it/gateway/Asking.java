// SPDX-License-Identifier: Apache-2.0
package io.edgewright.it.gateway;

import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;

/** Asks a deployment one request after the other on a thread of its own, and remembers what went wrong. */
final class Asking implements AutoCloseable {

    private final GatewayProcess gateway;
    private final String deployment;
    private final List<String> requests;
    private final Thread thread = new Thread(this::run, "asking");
    private final List<String> failures = new CopyOnWriteArrayList<>();
    private final AtomicLong answers = new AtomicLong();
    private volatile boolean stopped;

    Asking(GatewayProcess gateway, String deployment, List<String> requests) {
        this.gateway = gateway;
        this.deployment = deployment;
        this.requests = requests;
        thread.start();
    }

    /** Asks once. {@return what went wrong; empty if nothing did} */
    static String once(GatewayProcess gateway, String deployment, String request) throws IOException {
        HttpResponse<String> answer =
                gateway.send("POST", "/v2/models/" + deployment + "/infer", BodyPublishers.ofString(request));
        return answer.statusCode() == 200 ? "" : answer.statusCode() + " " + answer.body();
    }

    long answers() {
        return answers.get();
    }

    /** Stops. {@return what went wrong} */
    List<String> stop() throws InterruptedException {
        stopped = true;
        thread.join();
        return List.copyOf(failures);
    }

    @Override
    public void close() {
        stopped = true;
    }

    private void run() {
        for (int i = 0; !stopped; i++) {
            try {
                String failure = once(gateway, deployment, requests.get(i % requests.size()));
                if (failure.isEmpty()) {
                    answers.incrementAndGet();
                } else {
                    failures.add(failure);
                }
            } catch (IOException e) {
                failures.add(e.toString());
            }
        }
    }
}
