// SPDX-License-Identifier: Apache-2.0
package io.edgewright.it;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;
import static org.ops4j.pax.exam.CoreOptions.options;

import io.edgewright.api.config.Settings;
import io.edgewright.api.inference.Deployments;
import io.edgewright.testkit.TestModels;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.inject.Inject;
import org.junit.Test;
import org.junit.runner.RunWith;
import org.ops4j.pax.exam.Configuration;
import org.ops4j.pax.exam.Option;
import org.ops4j.pax.exam.junit.PaxExam;
import org.ops4j.pax.exam.spi.reactors.ExamReactorStrategy;
import org.ops4j.pax.exam.spi.reactors.PerClass;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;

/** A model is uploaded, deployed and asked over HTTP; the application, its camera and the HTTP bundles come and go. */
@RunWith(PaxExam.class)
@ExamReactorStrategy(PerClass.class)
public class HttpIT {

    private final HttpClient client = HttpClient.newHttpClient();

    @Inject
    private BundleContext context;

    @Configuration
    public Option[] gateway() throws IOException {
        return options(Gateway.core(), Gateway.http(freePort()), Gateway.retail());
    }

    @Test
    public void aModelIsUploadedDeployedAndAskedOverHttp() throws Exception {
        await("GET", "/v2/health/live", 200);
        assertEquals(
                201,
                send("POST", "/api/v1/models?file=plus.onnx&name=plus&version=1.0.0", model(7))
                        .statusCode());
        HttpResponse<String> put = send("PUT", "/api/v1/deployments/plus", text("{\"model\":\"plus\"}"));
        assertTrue(put.body(), put.statusCode() / 100 == 2);
        await("GET", "/v2/models/plus/ready", 200);
        HttpResponse<String> answer = send(
                "POST",
                "/v2/models/plus/infer",
                text("{\"inputs\":[{\"name\":\"x\",\"shape\":[1,4],\"datatype\":\"FP32\",\"data\":[1,2,3,4]}]}"));
        assertEquals(answer.body(), 200, answer.statusCode());
        assertTrue(answer.body(), answer.body().contains("[8.0,9.0,10.0,11.0]"));
        String metrics = await("GET", "/metrics", 200).body();
        assertTrue(metrics, metrics.contains("nv_inference_request_success{model=\"plus\",version=\"1.0.0\"} 1"));
        assertEquals(
                204,
                send("DELETE", "/api/v1/deployments/plus", BodyPublishers.noBody())
                        .statusCode());
    }

    @Test
    public void strangersAreNotLetIn() throws Exception {
        await("GET", "/v2/health/live", 200);
        var request = HttpRequest.newBuilder(url("/api/v1/models")).build();
        assertEquals(401, client.send(request, BodyHandlers.ofString()).statusCode());
    }

    @Test
    public void theApplicationWaitsForItsCameraAndGoesOn() throws Exception {
        Settings settings = Await.service(context, Settings.class, "");
        String app = settings.create(
                        "io.edgewright.app.retail",
                        "counter",
                        Map.of("name", "counter", "source", "shop", "deployment", "none"))
                .pid();
        String shop = settings.create("io.edgewright.source.shop", "shop", Map.of("name", "shop"))
                .pid();
        try {
            Bundle camera = bundle("io.edgewright.source.shop");
            awaitBody("/api/v1/apps/retail", "counter");
            camera.stop();
            awaitBody("/api/v1/apps/retail", "counter");
            camera.start();
            Bundle application = bundle("io.edgewright.app.retail");
            application.stop();
            await("GET", "/api/v1/apps/retail", 404);
            application.start();
            awaitBody("/api/v1/apps/retail", "counter");
        } finally {
            settings.delete(app);
            settings.delete(shop);
        }
    }

    @Test
    public void theRestBundleComesBackAfterAnUpdate() throws Exception {
        await("GET", "/v2/health/live", 200);
        bundle("io.edgewright.rest").update();
        await("GET", "/v2/health/live", 200);
        await("GET", "/api/v1/models", 200);
        Await.service(context, Deployments.class, "");
    }

    private void awaitBody(String path, String part) throws Exception {
        Await.until(
                path,
                () -> tryBody(path),
                body -> body.isPresent() && body.get().contains(part));
    }

    private Optional<String> tryBody(String path) throws InterruptedException {
        try {
            return Optional.of(send("GET", path, BodyPublishers.noBody()).body());
        } catch (IOException e) {
            return Optional.empty(); // nobody listens at the moment
        }
    }

    private HttpResponse<String> await(String method, String path, int status) throws Exception {
        return Await.until(
                        method + " " + path,
                        () -> trySend(method, path),
                        r -> r.isPresent() && r.get().statusCode() == status)
                .orElseThrow();
    }

    private Optional<HttpResponse<String>> trySend(String method, String path) throws InterruptedException {
        try {
            return Optional.of(send(method, path, BodyPublishers.noBody()));
        } catch (IOException e) {
            return Optional.empty(); // nobody listens at the moment
        }
    }

    private HttpResponse<String> send(String method, String path, BodyPublisher body)
            throws IOException, InterruptedException {
        var request = HttpRequest.newBuilder(url(path))
                .timeout(Duration.ofSeconds(20))
                .header("Authorization", "Bearer " + token())
                .method(method, body)
                .build();
        return client.send(request, BodyHandlers.ofString());
    }

    private static String token() throws IOException {
        return Files.readString(Path.of(System.getProperty("edgewright.home"), "run", "local.token"))
                .strip();
    }

    private static URI url(String path) {
        return URI.create("http://127.0.0.1:" + System.getProperty("org.osgi.service.http.port") + path);
    }

    private static BodyPublisher text(String text) {
        return BodyPublishers.ofString(text);
    }

    private static BodyPublisher model(float constant) {
        return BodyPublishers.ofByteArray(TestModels.add(constant, List.of(1L, 4L)));
    }

    private Bundle bundle(String name) {
        return Arrays.stream(context.getBundles())
                .filter(b -> name.equals(b.getSymbolicName()))
                .findFirst()
                .orElseThrow();
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
