// SPDX-License-Identifier: Apache-2.0
package io.edgewright.it.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A camera grows pale: the alarm is seen everywhere, the variant is made afresh, and a power cut forgets nothing. */
class DriftIT {

    private static final String NAME = "digits";
    private static final String STATUS = "/api/v1/deployments/" + NAME;
    private static final int DAYS = 400; // pictures, again and again

    /** Its variant holds a budget that the plain model of 171 KiB does not, so that it is chosen on any processor. */
    private static final String SETTINGS = """
            {"model":"digits","passes":"graph;quantize","calibration":"live:digits","budget":"size=0.1,minutes=5",
             "capture.per.second":1000,"capture.keep":"disk"}""";

    @TempDir
    Path folder;

    @Test
    void driftIsToldEverywhereAndRecalibrationIsSwappedInWithoutAFailedRequest() throws Exception {
        List<String> clear = Digits.requests(Digits.pictures(DAYS, 1));
        List<String> pale = Digits.requests(Digits.pictures(DAYS, 0.5f));
        Path home = folder.resolve("home");
        try (GatewayProcess gateway = GatewayProcess.start(home, GatewayProcess.freePort(), "core,http,optimizer")) {
            configure(gateway, "{\"drift.samples\":\"64\",\"timing.millis\":\"300\"}");
            Digits.addModel(gateway);
            gateway.deploy(NAME, SETTINGS);
            gateway.await(STATUS, s -> !s.getAsJsonArray("served").isEmpty());
            List<String> topics = listen(gateway);

            String first = asksUntil(gateway, clear, "");
            gateway.await("/api/v1/drift", d -> drift(d).get("compared").getAsBoolean());
            askUntilAlarm(gateway, pale);
            assertThatAllSayIt(gateway, topics, home);

            String second = asksUntil(gateway, pale, first);
            recalibrateByRest(gateway);
            String third = asksUntil(gateway, pale, second);
            assertThat(edgewright(home, "drift", "recalibrate", NAME)).contains("its variant is made afresh");
            asksUntil(gateway, pale, third);
            assertThat(topics).contains("drift/digits/over");
            assertThat(edgewright(home, "drift")).contains(NAME, "as before", "input image");
            gateway.kill();
        }
        try (GatewayProcess gateway = GatewayProcess.start(home, GatewayProcess.freePort(), "core,http,optimizer")) {
            JsonObject kept = drift(gateway.await(
                    "/api/v1/drift", d -> !d.getAsJsonArray("drift").isEmpty()));
            assertThat(kept.get("compared").getAsBoolean()).as(kept.toString()).isTrue();
            assertThat(kept.get("captured").getAsInt()).isGreaterThanOrEqualTo(32);
            assertThat(kept.get("samples").getAsInt()).isZero();
            gateway.await(STATUS, s -> !variant(s).isEmpty());
            gateway.deploy(NAME, "{\"capture.per.second\":0}");
            gateway.await("/api/v1/drift", d -> d.getAsJsonArray("drift").isEmpty());
            assertThat(home.resolve("live/digits")).doesNotExist();
        }
    }

    /** Asks until a variant serves that is not the one before; no request may fail. {@return the variant} */
    private static String asksUntil(GatewayProcess gateway, List<String> requests, String before) throws Exception {
        try (var asking = new Asking(gateway, NAME, requests)) {
            Predicate<JsonObject> other =
                    s -> !variant(s).isEmpty() && !variant(s).equals(before);
            String now = variant(gateway.await(STATUS, other));
            assertThat(asking.stop()).isEmpty();
            assertThat(asking.answers()).isPositive();
            return now;
        }
    }

    /** Asks one by one, so that nothing comes after the window in which the alarm began. */
    private static void askUntilAlarm(GatewayProcess gateway, List<String> requests) throws IOException {
        for (int i = 0; i < 2000; i++) {
            assertThat(Asking.once(gateway, NAME, requests.get(i % requests.size())))
                    .isEmpty();
            if (drift(gateway.get("/api/v1/drift")).get("alarm").getAsBoolean()) {
                return;
            }
        }
        throw new AssertionError("no alarm: " + gateway.get("/api/v1/drift"));
    }

    private static void assertThatAllSayIt(GatewayProcess gateway, List<String> topics, Path home) throws Exception {
        JsonObject drift = drift(gateway.get("/api/v1/drift"));
        assertThat(drift.getAsJsonObject("psi").get("input image").getAsDouble())
                .isGreaterThan(0.25);
        assertThat(gateway.get("/api/v1/health").toString()).contains("its data have drifted");
        assertThat(gateway.send("GET", "/metrics", BodyPublishers.noBody()).body())
                .contains("edgewright_drift_alarm{deployment=\"digits\"} 1");
        assertThat(edgewright(home, "drift")).contains("alarm");
        gateway.await("/api/v1/drift", d -> topics.contains("drift/digits/alarm"));
        assertThat(Files.readString(home.resolveSibling("home.log"))).contains("drift/digits/alarm"); // an EventSink
        gateway.await(
                "/api/v1/optimizations",
                o -> optimization(o).get("message").getAsString().contains("captured"));
    }

    private static void recalibrateByRest(GatewayProcess gateway) throws IOException {
        HttpResponse<String> begun = gateway.send("POST", "/api/v1/drift/digits/recalibrate", BodyPublishers.noBody());
        assertThat(begun.statusCode()).isEqualTo(202);
        String id = optimization(gateway.get("/api/v1/optimizations")).get("id").getAsString();
        assertThat(begun.body()).contains(id);
    }

    private static void configure(GatewayProcess gateway, String settings) throws IOException {
        HttpResponse<String> answer =
                gateway.send("PUT", "/api/v1/settings/io.edgewright.optimizer", BodyPublishers.ofString(settings));
        assertThat(answer.statusCode()).as(answer.body()).isBetween(200, 299);
    }

    private static JsonObject drift(JsonObject answer) {
        return answer.getAsJsonArray("drift").get(0).getAsJsonObject();
    }

    private static JsonObject optimization(JsonObject answer) {
        return answer.getAsJsonArray("optimizations").get(0).getAsJsonObject();
    }

    private static String variant(JsonObject status) {
        for (JsonElement served : status.getAsJsonArray("served")) {
            return served.getAsJsonObject().get("variant").getAsString();
        }
        return "";
    }

    /** {@return the topics of all events that come, added as they come} */
    private static List<String> listen(GatewayProcess gateway) throws IOException {
        List<String> topics = new CopyOnWriteArrayList<>();
        var request = HttpRequest.newBuilder(gateway.url().resolve("/api/v1/events"))
                .header("Authorization", "Bearer " + gateway.token())
                .build();
        var unused = HttpClient.newHttpClient().sendAsync(request, BodyHandlers.fromLineSubscriber(new Topics(topics)));
        assertThat(unused).isNotNull();
        return topics;
    }

    /** Runs a command of the packaged gateway. {@return what it prints} */
    private static String edgewright(Path home, String... words) throws Exception {
        List<String> command = new CopyOnWriteArrayList<>(List.of(words));
        command.add(
                0,
                Path.of(System.getProperty("edgewright.gateway"), "bin", "edgewright")
                        .toString());
        command.addAll(List.of("--home", home.toString()));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(out).isZero();
        return out;
    }
}
