// SPDX-License-Identifier: Apache-2.0
package io.edgewright.kura.cloud;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.edgewright.api.event.Event;
import io.edgewright.api.http.HttpDispatcher;
import io.edgewright.api.http.HttpExchange;
import io.edgewright.api.update.UpdateProgress;
import io.edgewright.testkit.Configs;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.eclipse.kura.cloudconnection.message.KuraMessage;
import org.eclipse.kura.cloudconnection.publisher.CloudNotificationPublisher;
import org.eclipse.kura.cloudconnection.request.RequestHandler;
import org.eclipse.kura.cloudconnection.request.RequestHandlerContext;
import org.eclipse.kura.cloudconnection.request.RequestHandlerRegistry;
import org.eclipse.kura.message.KuraPayload;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class CloudHandlerTest {

    private final Recorder gateway = new Recorder();
    private final BlockingQueue<KuraMessage> notified = new LinkedBlockingQueue<>();
    private final CloudNotificationPublisher publisher = message -> {
        notified.add(message);
        return "1";
    };
    private final RequestHandlerContext context = new RequestHandlerContext(publisher, Map.of("DEVICE_ID", "gw-1"));
    private CloudHandler handler = handler(Map.of());

    @AfterEach
    void stop() {
        handler.stop();
    }

    @ParameterizedTest
    @CsvSource({
        "GET, health, GET /api/v1/health",
        "GET, deployments/shelf, GET /api/v1/deployments/shelf",
        "PUT, deployments/shelf, PUT /api/v1/deployments/shelf",
        "EXEC, deployments/shelf/rollback, POST /api/v1/deployments/shelf/rollback",
        "POST, accelerators/rescan, POST /api/v1/accelerators/rescan",
        "EXEC, updates/shelf-2/cancel, POST /api/v1/updates/shelf-2/cancel",
        "DEL, models/shelf/1.0.0, DELETE /api/v1/models/shelf/1.0.0",
    })
    void asksTheManagementApi(String verb, String resources, String request) throws Exception {
        KuraMessage answer = send(verb, resources, payload("{\"a\":1}", Map.of("limit", 5)));
        assertThat(answer.getPayload().getMetric("response.code")).isEqualTo(200);
        assertThat(gateway.requests).containsExactly(request + " by kura-cloud, operator, limit 5: {\"a\":1}");
    }

    @Test
    void answersWithTheSameJsonAndItsFiguresAsMetrics() throws Exception {
        gateway.body = "{\"deployments\":[{\"name\":\"shelf\",\"swaps\":2,\"served\":[{\"role\":\"PRIMARY\","
                + "\"statistics\":{\"p99Millis\":1.5}}]},{\"odd\":1}],\"text\":\"3\"}";
        KuraPayload answer = send("GET", "deployments", new KuraPayload()).getPayload();
        assertThat(new String(answer.getBody(), StandardCharsets.UTF_8)).isEqualTo(gateway.body);
        Map<String, Object> metrics = new HashMap<>();
        answer.metricNames().forEach(name -> metrics.put(name, answer.getMetric(name)));
        assertThat(metrics)
                .containsOnly(
                        Map.entry("response.code", 200),
                        Map.entry("http.status", 200),
                        Map.entry("deployments.count", 2L),
                        Map.entry("deployments.shelf.swaps", 2L),
                        Map.entry("deployments.shelf.served.count", 1L),
                        Map.entry("deployments.shelf.served.primary.statistics.p99Millis", 1.5));
    }

    @ParameterizedTest
    @CsvSource({
        "201, 200",
        "204, 200",
        "400, 400",
        "403, 400",
        "404, 404",
        "409, 400",
        "413, 400",
        "500, 500",
        "503, 500"
    })
    void answersWithTheCodesThatAPlatformKnows(int status, int code) throws Exception {
        gateway.status = status;
        gateway.body = status < 300 ? "" : "{\"error\":\"why\",\"reason\":\"WRONG_STATE\"}";
        KuraPayload answer = send("PUT", "deployments/shelf", new KuraPayload()).getPayload();
        assertThat(answer.getMetric("response.code")).isEqualTo(code);
        assertThat(answer.getMetric("http.status")).isEqualTo(status);
        assertThat(answer.getMetric("response.exception.message")).isEqualTo(status < 300 ? null : "why");
        assertThat(answer.getMetric("reason")).isEqualTo(status < 300 ? null : "WRONG_STATE");
    }

    @ParameterizedTest
    @CsvSource({"users", "tokens", "settings/io.edgewright.rest", "events", "session", "openapi.json", "''"})
    void reachesNothingElseOfTheApi(String resources) throws Exception {
        KuraPayload answer = send("GET", resources, new KuraPayload()).getPayload();
        assertThat(answer.getMetric("response.code")).isEqualTo(404);
        assertThat(String.valueOf(answer.getMetric("response.exception.message")))
                .contains("expected one of");
        assertThat(gateway.requests).isEmpty();
    }

    @Test
    void refusesMessagesWithoutResourcesAndSaysWhenTheApiIsAbsent() throws Exception {
        KuraMessage odd = handler.doGet(context, new KuraMessage(new KuraPayload(), Map.of("args", "health")));
        assertThat(odd.getPayload().getMetric("response.code")).isEqualTo(404);
        handler.dispatcher = null;
        KuraPayload answer = send("GET", "health", new KuraPayload()).getPayload();
        assertThat(answer.getMetric("response.code")).isEqualTo(500);
        assertThat(answer.getMetric("reason")).isEqualTo("SERVICE_ABSENT");
    }

    @Test
    void tellsWhoAskedForAnUpdateHowFarItIsAndNobodyElse() throws Exception {
        handler.publish(progress("mine", "DOWNLOADING", 10));
        send("PUT", "updates/mine", payload("{}", Map.of("requester.client.id", "cloud-7")));
        handler.publish(progress("other", "DOWNLOADING", 20));
        handler.publish(progress("mine", "DOWNLOADING", 40));
        handler.publish(progress("mine", "FAILED", 40));
        handler.publish(
                progress("mine", "DOWNLOADING", 50)); // it has ended: a second one was asked for by somebody else

        KuraMessage first = notification();
        assertThat(first.getProperties())
                .isEqualTo(Map.of("appId", "EDGEWRIGHT-V1", "messageType", "updates", "requestorClientId", "cloud-7"));
        assertThat(first.getPayload().getMetric("client.id")).isEqualTo("gw-1");
        assertThat(first.getPayload().getMetric("job.id")).isEqualTo("mine");
        assertThat(first.getPayload().getMetric("dp.download.progress")).isEqualTo(40);
        assertThat(first.getPayload().getMetric("dp.download.size")).isEqualTo(1000L);
        assertThat(first.getPayload().getMetric("dp.download.status")).isEqualTo("IN_PROGRESS");
        KuraMessage second = notification();
        assertThat(second.getPayload().getMetric("dp.download.status")).isEqualTo("FAILED");
        assertThat(second.getPayload().getMetric("dp.download.error.message")).isEqualTo("said so");

        send("PUT", "updates/last", payload("{}", Map.of("requester.client.id", "cloud-7")));
        handler.publish(progress("last", "SUCCEEDED", 0));
        KuraMessage last = notification();
        assertThat(last.getPayload().getMetric("job.id")).isEqualTo("last");
        assertThat(last.getPayload().getMetric("dp.download.progress")).isEqualTo(100);
        assertThat(last.getPayload().getMetric("dp.download.status")).isEqualTo("COMPLETED");
    }

    @Test
    void aRefusedRequestDoesNotTakeTheNotificationsOfTheOneBefore() throws Exception {
        send("PUT", "updates/mine", payload("{}", Map.of("requester.client.id", "first")));
        gateway.status = 409;
        send("PUT", "updates/mine", payload("{}", Map.of("requester.client.id", "second")));
        send("PUT", "updates/new", payload("{}", Map.of("requester.client.id", "second")));
        handler.publish(progress("new", "DOWNLOADING", 1));
        handler.publish(progress("mine", "DOWNLOADING", 1));
        assertThat(notification().getProperties()).containsEntry("requestorClientId", "first");
    }

    @Test
    void isThereOnEveryCloudConnectionThatComes() {
        Map<String, RequestHandler> handlers = new HashMap<>();
        var registry = new RequestHandlerRegistry() {
            @Override
            public void registerRequestHandler(String id, RequestHandler one) {
                handlers.put(id, one);
            }

            @Override
            public void unregister(String id) {
                handlers.remove(id);
            }
        };
        handler.addRegistry(registry);
        assertThat(handlers).containsExactly(Map.entry("EDGEWRIGHT-V1", handler));
        handler.removeRegistry(registry);
        assertThat(handlers).isEmpty();
    }

    @Test
    void answersEveryMessageWhateverIsInIt() throws Exception {
        var random = new Random(4);
        String[] parts = {"updates", "deployments", "models", "", "..", "a b", "\0", "%2e%2e", "x".repeat(5000), "{}"};
        String[] bodies = {
            "", "{", "[1]", "null", "{\"error\":3}", "{\"error\":{}}", "{\"n\":1e999,\"m\":-0.0,\"l\":[[1]]}"
        };
        String[] verbs = {"GET", "PUT", "POST", "DEL", "EXEC"};
        for (int i = 0; i < 2000; i++) {
            gateway.status = 100 + random.nextInt(500);
            gateway.body = bodies[random.nextInt(bodies.length)];
            var resources = new StringBuilder();
            for (int n = random.nextInt(4); n >= 0; n--) {
                resources.append(parts[random.nextInt(parts.length)]).append('/');
            }
            byte[] body = new byte[random.nextInt(20)];
            random.nextBytes(body);
            var payload = payload(new String(body, StandardCharsets.ISO_8859_1), Map.of("requester.client.id", i));
            Object code = send(verbs[random.nextInt(verbs.length)], resources.toString(), payload)
                    .getPayload()
                    .getMetric("response.code");
            assertThat(code).isIn(200, 400, 404, 500);
        }
    }

    @Test
    void isNeverAnAdmin() throws Exception {
        assertThatIllegalArgumentException().isThrownBy(() -> handler(Map.of("role", "admin")));
        handler = handler(Map.of("role", "viewer"));
        send("GET", "health", new KuraPayload());
        assertThat(gateway.requests.get(0)).contains("by kura-cloud, viewer");
    }

    private KuraMessage notification() throws InterruptedException {
        KuraMessage message = notified.poll(20, TimeUnit.SECONDS);
        if (message == null) {
            throw new AssertionError("no notification came");
        }
        return message;
    }

    private KuraMessage send(String verb, String resources, KuraPayload payload) throws Exception {
        List<String> args = resources.isEmpty() ? List.of() : Arrays.asList(resources.split("/"));
        var request = new KuraMessage(payload, Map.of("args", args));
        return switch (verb) {
            case "GET" -> handler.doGet(context, request);
            case "PUT" -> handler.doPut(context, request);
            case "POST" -> handler.doPost(context, request);
            case "DEL" -> handler.doDel(context, request);
            default -> handler.doExec(context, request);
        };
    }

    private CloudHandler handler(Map<String, Object> settings) {
        var made = new CloudHandler(Configs.of(CloudHandler.Config.class, settings));
        made.dispatcher = gateway;
        return made;
    }

    private static KuraPayload payload(String body, Map<String, Object> metrics) {
        var payload = new KuraPayload();
        payload.setBody(body.getBytes(StandardCharsets.UTF_8));
        metrics.forEach(payload::addMetric);
        return payload;
    }

    private static Event progress(String id, String state, long percent) {
        return new Event(
                UpdateProgress.TOPIC,
                Instant.EPOCH,
                Map.of("id", id, "state", state, "percent", percent, "message", "said so", "sizeBytes", 1000L));
    }

    /** A gateway that remembers requests and always answers the same. */
    private static final class Recorder implements HttpDispatcher {

        final List<String> requests = new java.util.ArrayList<>();
        int status = 200;
        String body = "{}";

        @Override
        public void dispatch(HttpExchange exchange) {
            throw new AssertionError("the caller is not told");
        }

        @Override
        public void dispatch(HttpExchange exchange, String user, String role) throws IOException {
            String sent = new String(exchange.body().readAllBytes(), StandardCharsets.UTF_8);
            requests.add("%s %s by %s, %s, limit %s: %s"
                    .formatted(
                            exchange.method(),
                            exchange.path(),
                            user,
                            role,
                            exchange.query("limit").orElse("none"),
                            sent));
            exchange.respond(status, "application/json", body.getBytes(StandardCharsets.UTF_8));
        }
    }
}
