// SPDX-License-Identifier: Apache-2.0
package io.edgewright.rest;

import io.edgewright.api.event.Event;
import io.edgewright.api.tensor.ElementType;
import io.edgewright.api.tensor.TensorSpec;
import io.edgewright.testkit.Configs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The whole REST stack over the JDK's HTTP server, with one model for each element type that answers its input. Run
 * {@link #main} to try clients against it.
 */
final class RestTestServer implements AutoCloseable {

    final RestServer rest;
    final MemoryGateway gateway;
    final LoopbackServer server;
    final Path home;

    RestTestServer(Path home, Map<String, Object> settings, int port) throws IOException {
        this.home = home;
        Map<String, Object> all = new HashMap<>(Map.of("home", home.toString()));
        all.putAll(settings);
        rest = new RestServer(Configs.of(RestServer.Config.class, all));
        gateway = new MemoryGateway(rest);
        for (ElementType type : ElementType.values()) {
            String name = "identity_" + type.protocolName().toLowerCase(Locale.ROOT);
            var any = List.of(TensorSpec.DYNAMIC, TensorSpec.DYNAMIC);
            gateway.store(
                    name, "1.0.0", List.of(new TensorSpec("x", type, any)), List.of(new TensorSpec("y", type, any)));
            gateway.create("io.edgewright.deployment", name, Map.of("model", name, "name", name));
        }
        server = new LoopbackServer(rest, port);
    }

    String url() {
        return server.url();
    }

    String localToken() throws IOException {
        return Files.readString(home.resolve("run/local.token")).strip();
    }

    String firstPassword() throws IOException {
        return Files.readString(home.resolve("run/first-password")).strip();
    }

    void publish(String topic) {
        rest.publish(new Event(topic, Instant.EPOCH, Map.of("n", 1L)));
    }

    @Override
    public void close() {
        rest.stop();
        server.close();
    }

    /** Serves until it is killed; arguments: home folder, port. */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        Path home = Path.of(arguments[0]);
        try (var server = new RestTestServer(home, Map.of(), Integer.parseInt(arguments[1]))) {
            System.out.println(server.url() + " token " + server.localToken());
            Thread.currentThread().join();
        }
    }
}
