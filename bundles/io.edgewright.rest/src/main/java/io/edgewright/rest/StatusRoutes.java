// SPDX-License-Identifier: Apache-2.0
package io.edgewright.rest;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.edgewright.api.accelerator.Accelerator;
import io.edgewright.api.health.HealthCheck;
import io.edgewright.api.health.HealthCheck.Finding;
import io.edgewright.api.health.HealthCheck.Severity;
import io.edgewright.api.inference.Deployments;
import io.edgewright.api.inference.Deployments.DeviceState;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The gateway itself in the management API: status, health, accelerators, and the API's own description. Thread-safe. */
final class StatusRoutes {

    private static final Logger LOG = LoggerFactory.getLogger(StatusRoutes.class);

    private record Found(String check, Finding finding) {}

    private final Backend backend;
    private final String version;

    StatusRoutes(Backend backend, String version) {
        this.backend = backend;
        this.version = version;
    }

    void addTo(Router router) {
        router.add("GET", "/api/v1/status", Role.VIEWER, this::status)
                .add("GET", "/api/v1/health", Role.VIEWER, this::health)
                .add("GET", "/api/v1/accelerators", Role.VIEWER, this::accelerators)
                .add("POST", "/api/v1/accelerators/rescan", Role.OPERATOR, this::rescan)
                .add("GET", "/api/v1/openapi.json", Role.NONE, StatusRoutes::openApi);
    }

    private void status(Call call) throws IOException {
        Runtime runtime = Runtime.getRuntime();
        long upMillis = ManagementFactory.getRuntimeMXBean().getUptime();
        var json = new JsonObject();
        json.addProperty("name", "edgewright");
        json.addProperty("version", version);
        json.addProperty("time", Instant.now().toString());
        json.addProperty("started", Instant.now().minusMillis(upMillis).toString());
        json.addProperty("uptimeSeconds", upMillis / 1000);
        json.addProperty("java", System.getProperty("java.version", ""));
        json.addProperty("os", System.getProperty("os.name", ""));
        json.addProperty("arch", System.getProperty("os.arch", ""));
        json.addProperty("processors", runtime.availableProcessors());
        json.addProperty("heapUsedBytes", runtime.totalMemory() - runtime.freeMemory());
        json.addProperty("heapMaxBytes", runtime.maxMemory());
        json.addProperty("health", word(findings()));
        var states = new JsonObject();
        backend.findDeployments().ifPresent(d -> d.list().forEach(s -> {
            JsonElement before = states.get(s.state().name());
            states.addProperty(s.state().name(), (before == null ? 0 : before.getAsInt()) + 1);
        }));
        json.add("deployments", states);
        json.addProperty(
                "models",
                backend.stores().stream().mapToInt(s -> s.models().size()).sum());
        json.addProperty(
                "accelerators",
                backend.findDeployments()
                        .map(d -> d.devices().stream()
                                .filter(device -> device.state() != DeviceState.ABSENT)
                                .count())
                        .orElse(0L));
        call.reply(200, json);
    }

    private void health(Call call) throws IOException {
        List<Found> found = findings();
        var json = new JsonObject();
        json.addProperty("status", word(found));
        json.add("findings", Json.array(found, StatusRoutes::json));
        call.reply(200, json);
    }

    private void accelerators(Call call) throws IOException, HttpProblem {
        Deployments deployments = backend.deployments();
        call.reply(200, json(deployments, deployments.devices()));
    }

    private void rescan(Call call) throws IOException, HttpProblem {
        Deployments deployments = backend.deployments();
        call.reply(200, json(deployments, deployments.rescan()));
    }

    private static JsonObject json(Deployments deployments, List<Deployments.Device> devices) {
        var json = new JsonObject();
        json.add("accelerators", Json.array(devices, StatusRoutes::json));
        var idle = new JsonArray();
        for (Deployments.IdleDriver driver : deployments.idleDrivers()) {
            var one = new JsonObject();
            one.addProperty("driver", driver.driver());
            one.addProperty("message", driver.message());
            idle.add(one);
        }
        json.add("idleDrivers", idle);
        return json;
    }

    private List<Found> findings() {
        List<Found> found = new ArrayList<>();
        for (HealthCheck check : backend.healthChecks()) {
            try {
                check.check().forEach(finding -> found.add(new Found(check.name(), finding)));
            } catch (RuntimeException e) { // a check that fails must not hide what the others found
                LOG.warn("health check {} failed", check.name(), e);
                found.add(new Found(
                        check.name(),
                        new Finding(
                                Severity.WARNING,
                                "health check " + check.name(),
                                "the check itself failed: " + e,
                                "look at the gateway's log")));
            }
        }
        found.sort(Comparator.comparing((Found f) -> f.finding().severity()).reversed());
        return found;
    }

    private static String word(List<Found> found) {
        return found.stream()
                .map(f -> f.finding().severity())
                .max(Comparator.naturalOrder())
                .map(worst -> worst == Severity.CRITICAL ? "critical" : "warning")
                .orElse("ok");
    }

    private static JsonElement json(Found found) {
        Finding finding = found.finding();
        var json = new JsonObject();
        json.addProperty("severity", finding.severity().name());
        json.addProperty("check", found.check());
        json.addProperty("subject", finding.subject());
        json.addProperty("message", finding.message());
        json.addProperty("advice", finding.advice());
        return json;
    }

    private static JsonElement json(Deployments.Device device) {
        Accelerator accelerator = device.accelerator();
        var json = new JsonObject();
        json.addProperty("id", accelerator.id());
        json.addProperty("driver", accelerator.driver());
        json.addProperty("kind", accelerator.kind().name());
        json.addProperty("vendor", accelerator.vendor());
        json.addProperty("description", accelerator.description());
        json.addProperty("memoryBytes", accelerator.memoryBytes());
        json.add("formats", Json.strings(new TreeSet<>(accelerator.formats())));
        json.addProperty("healthy", device.healthy());
        json.addProperty("state", device.state().name());
        json.addProperty("breaker", device.state().breaker());
        json.addProperty("message", device.message());
        device.retry().ifPresent(at -> json.addProperty("retryAt", at.toString()));
        json.add("deployments", Json.strings(device.deployments()));
        json.add("properties", Json.of(accelerator.properties()));
        return json;
    }

    private static void openApi(Call call) throws IOException {
        call.respond(200, "application/json", openApi());
    }

    static byte[] openApi() throws IOException {
        try (InputStream in = StatusRoutes.class.getResourceAsStream("openapi.json")) {
            if (in == null) {
                throw new IllegalStateException("openapi.json is not in the bundle");
            }
            return in.readAllBytes();
        }
    }
}
