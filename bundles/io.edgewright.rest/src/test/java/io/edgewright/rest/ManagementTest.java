// SPDX-License-Identifier: Apache-2.0
package io.edgewright.rest;

import static org.assertj.core.api.Assertions.assertThat;

import io.edgewright.api.health.HealthCheck;
import io.edgewright.api.http.HttpExchange;
import io.edgewright.api.http.HttpHandler;
import io.edgewright.api.model.ModelForm;
import io.edgewright.api.model.ModelId;
import io.edgewright.api.model.ModelManifest;
import io.edgewright.api.tensor.ElementType;
import io.edgewright.api.tensor.TensorSpec;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ManagementTest {

    @TempDir
    static Path home; // shared: making the first account takes a while

    private RestTestServer server;
    private Client client;

    @BeforeEach
    void start() throws IOException {
        server = new RestTestServer(home, Map.of("event.clients", 1, "max.upload.mib", 1), 0);
        client = new Client(server.url(), "Authorization", "Bearer " + server.localToken());
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void createsChangesAndDeletesDeployments() throws Exception {
        String path = "/api/v1/deployments/shelf";
        assertThat(client.get(path).status()).isEqualTo(404);
        assertThat(put(path, "{\"goal\":\"latency\"}").text()).contains("'model' is missing");
        assertThat(put(path, "{\"model\":\"identity_fp32\",\"queue.length\":8,\"accelerators\":[\"npu\",\"cpu\"]}")
                        .status())
                .isEqualTo(201);
        assertThat(put(path, "{\"max.latency.ratio\":2.5,\"trusted\":true}").status())
                .isEqualTo(200);
        var json = client.get(path).json();
        assertThat(json.get("state").getAsString()).isEqualTo("SERVING");
        assertThat(json.getAsJsonObject("settings").toString())
                .contains("\"queue.length\":8", "[\"npu\",\"cpu\"]", "2.5", "\"trusted\":true");
        var served = json.getAsJsonArray("served").get(0).getAsJsonObject();
        assertThat(served.getAsJsonObject("facts").get("partition").getAsString())
                .isEqualTo("all 3 nodes");
        assertThat(served.getAsJsonObject("statistics").get("successes").getAsInt())
                .isEqualTo(2);
        assertThat(client.get(path + "/history?limit=5").text()).contains("\"limit\":\"5\"");
        assertThat(client.get(path + "/history?limit=0").status()).isEqualTo(400);
        assertThat(client.post(path + "/promote", "").status()).isEqualTo(200);
        assertThat(client.post(path + "/rollback", "").status()).isEqualTo(409);
        assertThat(client.post("/api/v1/deployments/none/promote", "").status()).isEqualTo(404);
        assertThat(client.send("DELETE", path, new byte[0]).status()).isEqualTo(204);
        assertThat(client.get(path).status()).isEqualTo(404);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"colour\":\"red\"}          | 'colour' is unknown, expected one of name, model, version",
                "{\"model\":7}                 | 'model' is 7, expected a string",
                "{\"model\":\"../x\"}          | malformed",
                "{\"version\":\"new\"}         | version 'new'",
                "{\"version.floor\":\"[1,2)\"} | version '[1,2)'",
                "{\"model\":\"a\",\"version\":\"[1,2)\",\"version.floor\":\"2\"} | '[1,2)', below 'version.floor', which is 2",
                "{\"accelerators\":\"cpu\"}    | expected a list of strings",
                "{\"goal\":\"speed\"}          | expected throughput or latency",
                "{\"instances\":1.5}           | expected a whole number of 0 to 1024",
                "{\"instances\":\"1\"}         | expected a whole number",
                "{\"canary.percent\":0}        | expected a whole number of 1 to 100",
                "{\"max.latency.ratio\":0}      | expected a number of 0.1 to 1000.0",
                "{\"max.error.percent\":101}   | expected a whole number of 0 to 100",
                "{\"batch.max\":65}            | expected a whole number of 1 to 64",
                "{\"driver.options\":[\"x=1\"]} | expected driver.key=value",
                "{\"trusted\":\"yes\"}         | expected true or false",
                "{\"name\":\"other\"}          | but the path says 'shelf'",
                "[1]                           | not one JSON object",
                "{\"model\":\"a\"} x           | not JSON",
            })
    void refusesSettingsThatAreWrong(String body, String message) throws Exception {
        Client.Reply reply = put("/api/v1/deployments/shelf", body);
        assertThat(reply.status()).as(reply.text()).isEqualTo(400);
        assertThat(reply.json().get("error").getAsString()).contains(message);
    }

    @Test
    void refusesADowngradeBelowTheFloorAndChangesNothing() throws Exception {
        String path = "/api/v1/deployments/shelf";
        put(path, "{\"model\":\"shelf\",\"version\":\"2.1.0\",\"version.floor\":\"2.0.0\"}");
        Client.Reply reply = put(path, "{\"version\":\"1.9.0\"}");
        assertThat(reply.status()).isEqualTo(400);
        assertThat(reply.text()).contains("'version' is '1.9.0'", "2.0.0", "nothing was changed");
        assertThat(client.get(path).text()).contains("\"version\":\"2.1.0\"");
        assertThat(put(path, "{\"version\":\"[1.0,2.0]\"}").status()).isEqualTo(200);
        assertThat(put(path, "{\"version.floor\":\"\",\"version\":\"1.9.0\"}").status())
                .isEqualTo(200);
    }

    @Test
    void listsADeploymentThatTheRuntimeDidNotTake() throws Exception {
        put("/api/v1/deployments/lost", "{\"model\":\"nowhere\"}");
        assertThat(client.get("/api/v1/deployments").text()).contains("\"name\":\"lost\"", "the log says why");
    }

    @Test
    void uploadsAndDeletesModels() throws Exception {
        byte[] content = new byte[1000];
        Client.Reply made = client.send("POST", "/api/v1/models?file=shelf.onnx&version=1.2.0", content);
        assertThat(made.status()).as(made.text()).isEqualTo(201);
        assertThat(made.json().get("name").getAsString()).isEqualTo("shelf");
        client.send("POST", "/api/v1/models?file=cart.onnx&properties=%7B%22image.color%22:%22BGR%22%7D", content);
        assertThat(server.gateway.addedProperties).isEqualTo(Map.of("image.color", "BGR"));
        assertThat(client.get("/api/v1/models/shelf/1.2.0").json().get("store").getAsString())
                .isEqualTo("memory");
        assertThat(client.get("/api/v1/models").text()).contains("\"shelf\"");
        assertThat(client.send("DELETE", "/api/v1/models/shelf/1.2.0", new byte[0])
                        .status())
                .isEqualTo(204);
        assertThat(client.get("/api/v1/models/shelf/1.2.0").status()).isEqualTo(404);
        assertThat(client.send("DELETE", "/api/v1/models/identity_fp32/1.0.0", new byte[0])
                        .text())
                .contains("serves identity_fp32");
    }

    @Test
    void showsEveryFormOfAModelAndWhichOneServes() throws Exception {
        String digest = "c".repeat(64);
        var x = new TensorSpec("x", ElementType.FLOAT32, List.of(1L));
        var lite = new TensorSpec("serving_x:0", ElementType.FLOAT32, List.of(1L));
        server.gateway.store(new ModelManifest(
                ModelId.of("forms", "1"),
                "torchscript",
                "model.pt",
                digest,
                9,
                List.of(x),
                List.of(x),
                Map.of("model.tflite", digest),
                Map.of(),
                List.of(new ModelForm("tflite", "model.tflite", digest, 7, List.of(lite), List.of(lite)))));
        put("/api/v1/deployments/forms", "{\"model\":\"forms\"}");

        var json = client.get("/api/v1/models/forms/1").json();
        assertThat(json.get("formats").toString()).isEqualTo("[\"torchscript\",\"tflite\"]");
        assertThat(json.get("format").getAsString()).isEqualTo("torchscript");
        var form = json.getAsJsonArray("forms").get(0).getAsJsonObject();
        assertThat(form.get("file").getAsString()).isEqualTo("model.tflite");
        assertThat(form.get("sizeBytes").getAsInt()).isEqualTo(7);
        assertThat(form.get("inputs").toString()).contains("serving_x:0");
        assertThat(client.get("/api/v1/deployments/forms").text()).contains("\"format\":\"torchscript\"");
        assertThat(client.get("/v2/models/forms").json().get("platform").getAsString())
                .isEqualTo("pytorch_torchscript");
    }

    @ParameterizedTest
    @CsvSource({
        "'?name=a', 400, parameter file is missing",
        "'?file=a.onnx&version=x', 400, version 'x'",
        "'?file=a.onnx&name=..%2Fa', 400, malformed",
        "'?file=a.onnx&sha256=12', 400, 64 lower-case",
        "'?file=a.onnx&properties=BGR', 400, expected a JSON object such as",
        "'?file=a.onnx&properties=%7B%22a%22:[1]%7D', 400, expected a JSON object such as",
        "'?file=a.onnx', 400, the file has 1 bytes",
    })
    void refusesUploadsThatAreWrong(String query, int status, String message) throws Exception {
        Client.Reply reply = client.send("POST", "/api/v1/models" + query, new byte[1]);
        assertThat(reply.status()).isEqualTo(status);
        assertThat(reply.text()).contains(message);
    }

    @Test
    void cutsAnUploadOffThatGrowsBeyondTheLimit() throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create(server.url() + "/api/v1/models?file=a.onnx"))
                .header("Authorization", "Bearer " + server.localToken())
                .POST(HttpRequest.BodyPublishers.ofInputStream(
                        () -> new java.io.ByteArrayInputStream(new byte[(1 << 20) + 1]))) // length not declared
                .build();
        HttpResponse<String> response = HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
        assertThat(response.statusCode()).as(response.body()).isEqualTo(413);
    }

    @Test
    void answers503WhileAServiceIsAbsent() throws Exception {
        server.rest.deployments = null;
        server.rest.writableStore = null;
        assertThat(client.get("/api/v1/deployments").text()).contains("no runtime is running");
        assertThat(client.get("/api/v1/accelerators").status()).isEqualTo(503);
        assertThat(client.send("POST", "/api/v1/models?file=a.onnx", new byte[1])
                        .status())
                .isEqualTo(503);
        assertThat(client.get("/v2/health/ready").status()).isEqualTo(400);
        assertThat(client.get("/api/v1/status").status()).isEqualTo(200);
    }

    @Test
    void tellsTheWorstFindingFirst() throws Exception {
        assertThat(client.get("/api/v1/health").text()).isEqualTo("{\"status\":\"ok\",\"findings\":[]}");
        server.rest.checks =
                List.of(check("small", HealthCheck.Severity.WARNING), check("big", HealthCheck.Severity.CRITICAL));
        var health = client.get("/api/v1/health").json();
        assertThat(health.get("status").getAsString()).isEqualTo("critical");
        assertThat(health.getAsJsonArray("findings")
                        .get(0)
                        .getAsJsonObject()
                        .get("check")
                        .getAsString())
                .isEqualTo("big");
        assertThat(client.get("/api/v1/accelerators").text())
                .contains(
                        "\"kind\":\"CPU\"",
                        "\"state\":\"READY\",\"breaker\":\"closed\"",
                        "{\"driver\":\"openvino\",\"message\":\"install it\"}");
        assertThat(client.post("/api/v1/accelerators/rescan", "").text()).contains("\"kind\":\"CPU\"");
        assertThat(server.gateway.actions).contains("rescan");
    }

    @Test
    void streamsEventsToAFewClients() throws Exception {
        assertThat(client.send("HEAD", "/api/v1/events", new byte[0]).status()).isEqualTo(200); // is no listener
        HttpRequest request = HttpRequest.newBuilder(URI.create(server.url() + "/api/v1/events"))
                .header("Authorization", "Bearer " + server.localToken())
                .build();
        HttpResponse<java.io.InputStream> response =
                HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofInputStream());
        assertThat(response.headers().firstValue("Content-Type")).contains("text/event-stream");
        try (var lines = new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8))) {
            assertThat(lines.readLine()).isEqualTo(": ping");
            assertThat(client.get("/api/v1/events").status()).isEqualTo(503);
            server.publish("deployment/shelf/swapped");
            lines.readLine();
            assertThat(lines.readLine()).isEqualTo("event: deployment/shelf/swapped");
            assertThat(lines.readLine())
                    .isEqualTo(
                            "data: {\"n\":1,\"topic\":\"deployment/shelf/swapped\",\"time\":\"1970-01-01T00:00:00Z\"}");
            server.rest.stop();
            lines.readLine();
            assertThat(lines.readLine()).isNull();
        }
    }

    @Test
    void routesToTheHandlerWithTheLongestPrefix() throws Exception {
        server.rest.handlers = List.of(
                handler("console", "anyone", "/console"),
                handler("retail", "viewer", "/api/v1/apps/retail"),
                handler("sub", "admin", "/console/sub"),
                handler("broken", "emperor", "/broken"));
        Client nobody = new Client(server.url());
        assertThat(nobody.get("/console/index.html").text()).isEqualTo("console");
        assertThat(nobody.get("/console/sub").status()).isEqualTo(401);
        assertThat(client.get("/console/sub/x").text()).isEqualTo("sub");
        assertThat(client.get("/api/v1/apps/retail/x").text()).isEqualTo("retail");
        assertThat(nobody.get("/consoles").status()).isEqualTo(404);
        assertThat(client.get("/broken").status()).isEqualTo(404);
        Client.Reply home = nobody.get("/");
        assertThat(home.status()).isEqualTo(302);
        assertThat(home.header("Location")).isEqualTo("/console/");
        server.rest.handlers = List.of();
        assertThat(nobody.get("/").status()).isEqualTo(404);
        assertThat(nobody.get("/console/index.html").status()).isEqualTo(404);
    }

    @Test
    void answersAHandlersFaultWithoutItsDetails() throws Exception {
        HttpHandler faulty = exchange -> {
            throw new IllegalStateException("secret detail");
        };
        server.rest.handlers = List.of(Map.entry(Map.of(HttpHandler.PATH, "/faulty"), faulty));
        Client.Reply reply = client.get("/faulty");
        assertThat(reply.status()).isEqualTo(500);
        assertThat(reply.text()).doesNotContain("secret");
    }

    @Test
    void tellsNoEventToOneWhoseTokenWasRevoked() throws Exception {
        Client.Reply token = client.post("/api/v1/tokens", "{\"name\":\"robot\",\"role\":\"viewer\"}");
        String secret = token.json().get("token").getAsString();
        HttpRequest request = HttpRequest.newBuilder(URI.create(server.url() + "/api/v1/events"))
                .header("Authorization", "Bearer " + secret)
                .build();
        HttpResponse<java.io.InputStream> response =
                HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofInputStream());
        try (var lines = new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8))) {
            assertThat(lines.readLine()).isEqualTo(": ping");
            lines.readLine();
            server.publish("deployment/shelf/before");
            assertThat(lines.readLine()).isEqualTo("event: deployment/shelf/before");
            lines.readLine();
            lines.readLine();
            String id = token.json().get("id").getAsString();
            assertThat(client.send("DELETE", "/api/v1/tokens/" + id, new byte[0])
                            .status())
                    .isEqualTo(204);
            server.publish("deployment/shelf/after");
            assertThat(lines.readLine()).isNull();
        }
    }

    @Test
    void storesNoDeploymentWhoseNameTheRuntimeRefuses() throws Exception {
        Client.Reply put = client.send(
                "PUT", "/api/v1/deployments/.hidden", "{\"model\":\"shelf\"}".getBytes(StandardCharsets.UTF_8));
        assertThat(put.status()).isEqualTo(400);
        assertThat(put.text()).contains("not starting with a dot");
        Client.Reply load = client.post("/v2/repository/models/.hidden/load", "");
        assertThat(load.status()).isEqualTo(400);
        assertThat(load.text()).contains("not starting with a dot");
    }

    @Test
    void saysWhichMethodsAPathTakes() throws Exception {
        Client.Reply patch = client.send("PATCH", "/api/v1/models", new byte[0]);
        assertThat(patch.text()).contains("takes GET, HEAD, POST, not PATCH");
        assertThat(patch.header("Allow")).isEqualTo("GET, HEAD, POST");
        assertThat(client.get("/api/v1/nothing").status()).isEqualTo(404);
        assertThat(client.get("/api/v1/%2e%2e/users").status()).isEqualTo(400);
        Client.Reply head = client.send("HEAD", "/api/v1/models", new byte[0]);
        assertThat(head.status()).isEqualTo(200);
        assertThat(head.body()).isEmpty();
    }

    @Test
    void takesNewLimitsWithoutEndingSessions() throws Exception {
        server.rest.modified(io.edgewright.testkit.Configs.of(
                RestServer.Config.class, Map.of("home", home.toString(), "event.clients", 0)));
        assertThat(client.get("/api/v1/events").text()).contains("0 clients");
    }

    private Client.Reply put(String path, String body) throws Exception {
        return client.send("PUT", path, body.getBytes(StandardCharsets.UTF_8));
    }

    private static HealthCheck check(String name, HealthCheck.Severity severity) {
        return new HealthCheck() {
            @Override
            public String name() {
                return name;
            }

            @Override
            public List<Finding> check() {
                return List.of(new Finding(severity, "it", "is not well", "look"));
            }
        };
    }

    private static Map.Entry<Map<String, Object>, HttpHandler> handler(String text, String role, String path) {
        HttpHandler handler =
                (HttpExchange exchange) -> exchange.respond(200, "text/plain", text.getBytes(StandardCharsets.UTF_8));
        return Map.entry(Map.of(HttpHandler.PATH, path, HttpHandler.READ_ROLE, role), handler);
    }
}
