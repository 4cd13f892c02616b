// SPDX-License-Identifier: Apache-2.0
package io.edgewright.app.retail;

import static org.osgi.service.component.annotations.ReferenceCardinality.MULTIPLE;
import static org.osgi.service.component.annotations.ReferencePolicy.DYNAMIC;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.edgewright.api.http.HttpExchange;
import io.edgewright.api.http.HttpHandler;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** The applications over HTTP: their counts, their last visits, their last picture. */
@Component(
        name = RetailHandler.NAME,
        service = HttpHandler.class,
        property = {HttpHandler.PATH + "=" + RetailHandler.BASE, "kura.ui.service.hide=true"})
public final class RetailHandler implements HttpHandler {

    static final String NAME = "io.edgewright.app.retail.http";
    static final String BASE = "/api/v1/apps/retail";

    private static final String JSON = "application/json";

    @Reference(cardinality = MULTIPLE, policy = DYNAMIC)
    private volatile List<RetailApp> apps = List.of();

    /** For DS. */
    @Activate
    public RetailHandler() {}

    RetailHandler(List<RetailApp> apps) {
        this.apps = apps;
    }

    @Override
    public void handle(HttpExchange exchange) throws IOException {
        if (!exchange.method().equals("GET")) {
            exchange.setHeader("Allow", "GET");
            fail(exchange, 405, "method is " + exchange.method() + ", expected GET", "METHOD_NOT_ALLOWED");
            return;
        }
        String rest = exchange.path()
                .substring(Math.min(BASE.length(), exchange.path().length()));
        String[] parts = rest.split("/", -1);
        if (rest.isEmpty() || rest.equals("/")) {
            send(exchange, list());
        } else if (parts.length != 3 || !(parts[2].equals("frame.jpg") || parts[2].equals("visits"))) {
            fail(
                    exchange,
                    404,
                    "there is no '%s', expected %s, %s/{name}/visits or %s/{name}/frame.jpg"
                            .formatted(exchange.path(), BASE, BASE, BASE),
                    "NOT_FOUND");
        } else {
            one(exchange, parts[1], parts[2]);
        }
    }

    private void one(HttpExchange exchange, String name, String what) throws IOException {
        Optional<RetailApp> app =
                apps.stream().filter(a -> a.name().equals(name)).findFirst();
        if (app.isEmpty()) {
            List<String> names = apps.stream().map(RetailApp::name).toList();
            fail(exchange, 404, "there is no retail application '%s', only %s".formatted(name, names), "NOT_FOUND");
        } else if (what.equals("visits")) {
            send(exchange, visits(app.get()));
        } else {
            Optional<byte[]> jpeg = app.get().jpeg();
            if (jpeg.isEmpty()) {
                fail(exchange, 404, "application '" + name + "' has kept no picture yet", "NOT_FOUND");
                return;
            }
            exchange.setHeader("Cache-Control", "no-store");
            exchange.respond(200, "image/jpeg", jpeg.get());
        }
    }

    private JsonObject list() {
        JsonArray array = new JsonArray();
        apps.forEach(app -> array.add(describe(app)));
        JsonObject json = new JsonObject();
        json.add("apps", array);
        return json;
    }

    private static JsonObject describe(RetailApp app) {
        RetailSettings settings = app.settings();
        Progress.Snapshot progress = app.progress();
        Totals totals = app.totals();
        JsonObject json = new JsonObject();
        json.addProperty("name", settings.name());
        json.addProperty("source", settings.source());
        json.addProperty("deployment", settings.deployment());
        json.addProperty("state", progress.state().name());
        json.addProperty("status", progress.message());
        json.addProperty("frames", progress.frames());
        json.addProperty("failedFrames", progress.failed());
        json.addProperty("droppedFrames", progress.dropped());
        json.addProperty("framesPerSecond", Math.round(progress.framesPerSecond() * 10) / 10.0);
        json.addProperty("occupancy", totals.occupancy(""));
        long visits = totals.visits("");
        JsonObject zones = new JsonObject();
        for (var zone : settings.zones()) {
            JsonObject one = new JsonObject();
            one.addProperty("visits", totals.visits(zone.name()));
            one.addProperty("occupancy", totals.occupancy(zone.name()));
            zones.add(zone.name(), one);
            visits += totals.visits(zone.name());
        }
        json.addProperty("visits", visits);
        JsonObject lines = new JsonObject();
        for (var line : settings.lines()) {
            JsonObject one = new JsonObject();
            one.addProperty("in", totals.crossings(line.name()).in());
            one.addProperty("out", totals.crossings(line.name()).out());
            lines.add(line.name(), one);
        }
        json.add("lines", lines);
        json.add("zones", zones);
        return json;
    }

    private static JsonObject visits(RetailApp app) {
        JsonArray array = new JsonArray();
        for (Totals.TimedVisit timed : app.totals().last()) {
            Visit visit = timed.visit();
            JsonObject one = new JsonObject();
            one.addProperty("zone", visit.zone());
            one.addProperty("number", visit.number());
            one.addProperty("class", visit.label());
            one.addProperty("track", visit.track());
            one.addProperty("start", timed.start());
            one.addProperty("end", timed.end());
            one.addProperty("startSeconds", visit.start().toMillis() / 1000.0);
            one.addProperty("endSeconds", visit.end().toMillis() / 1000.0);
            one.addProperty("dwellSeconds", visit.dwell().toMillis() / 1000.0);
            array.add(one);
        }
        JsonObject json = new JsonObject();
        json.add("visits", array);
        return json;
    }

    private static void send(HttpExchange exchange, JsonObject json) throws IOException {
        exchange.respond(200, JSON, json.toString().getBytes(StandardCharsets.UTF_8));
    }

    private static void fail(HttpExchange exchange, int status, String error, String reason) throws IOException {
        JsonObject json = new JsonObject();
        json.addProperty("error", error);
        json.addProperty("reason", reason);
        exchange.respond(status, JSON, json.toString().getBytes(StandardCharsets.UTF_8));
    }
}
