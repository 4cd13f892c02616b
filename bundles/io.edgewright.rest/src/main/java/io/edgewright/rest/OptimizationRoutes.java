// SPDX-License-Identifier: Apache-2.0
package io.edgewright.rest;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.edgewright.api.model.ModelId;
import io.edgewright.api.optimize.Budget;
import io.edgewright.api.optimize.CalibrationSource;
import io.edgewright.api.optimize.Drift;
import io.edgewright.api.optimize.Gate;
import io.edgewright.api.optimize.Optimization;
import io.edgewright.api.optimize.OptimizationException;
import io.edgewright.api.optimize.OptimizationRequest;
import io.edgewright.api.optimize.Optimizer;
import io.edgewright.api.optimize.Optimizer.ReportFormat;
import io.edgewright.api.optimize.PassParameter;
import io.edgewright.api.optimize.Pipeline;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** The optimizer in the management API: which passes there are, what was made of models and is being made. Thread-safe. */
final class OptimizationRoutes {

    private final Backend backend;

    OptimizationRoutes(Backend backend) {
        this.backend = backend;
    }

    void addTo(Router router) {
        String all = "/api/v1/optimizations";
        String one = all + "/{id}";
        router.add("GET", "/api/v1/passes", Role.VIEWER, this::passes)
                .add("GET", "/api/v1/drift", Role.VIEWER, this::drift)
                .add("POST", "/api/v1/drift/{deployment}/recalibrate", Role.OPERATOR, this::recalibrate)
                .add("GET", all, Role.VIEWER, this::list)
                .add("POST", all, Role.OPERATOR, this::request)
                .add("GET", one, Role.VIEWER, call -> report(call, ReportFormat.JSON, "application/json"))
                .add("GET", one + "/report.html", Role.VIEWER, call -> report(call, ReportFormat.HTML, "text/html"))
                .add("POST", one + "/cancel", Role.OPERATOR, this::cancel)
                .add("DELETE", one, Role.OPERATOR, this::forget);
    }

    private void passes(Call call) throws IOException, HttpProblem {
        call.reply(200, Json.object("passes", Json.array(backend.optimizer().passes(), OptimizationRoutes::pass)));
    }

    private void drift(Call call) throws IOException, HttpProblem {
        call.reply(200, Json.object("drift", Json.array(backend.optimizer().drift(), OptimizationRoutes::drift)));
    }

    private void recalibrate(Call call) throws IOException, HttpProblem {
        String deployment = call.parameter("deployment");
        List<String> again;
        try {
            again = backend.optimizer().recalibrate(deployment);
        } catch (IllegalArgumentException e) {
            throw HttpProblem.notFound(String.valueOf(e.getMessage()));
        }
        JsonObject answer = Json.object("optimizations", Json.strings(again));
        answer.addProperty("deployment", deployment);
        call.reply(202, answer);
    }

    private void list(Call call) throws IOException, HttpProblem {
        call.reply(
                200, Json.object("optimizations", Json.array(backend.optimizer().list(), OptimizationRoutes::summary)));
    }

    private void request(Call call) throws IOException, HttpProblem {
        OptimizationRequest request;
        Optimization begun;
        try {
            request = request(call.json());
            begun = backend.optimizer().request(request);
        } catch (IllegalArgumentException e) {
            throw HttpProblem.bad(String.valueOf(e.getMessage()));
        }
        call.reply(202, summary(begun));
    }

    private void report(Call call, ReportFormat format, String type) throws IOException, HttpProblem {
        String id = find(call).id();
        try {
            String text = backend.optimizer().report(id, format);
            call.respond(200, type + "; charset=utf-8", text.getBytes(StandardCharsets.UTF_8));
        } catch (OptimizationException e) {
            throw HttpProblem.notFound(String.valueOf(e.getMessage()));
        }
    }

    private void cancel(Call call) throws IOException, HttpProblem {
        Optimization before = find(call);
        if (before.ended()) {
            throw new HttpProblem(
                    409, "WRONG_STATE", "optimization " + before.id() + " is " + before.state() + " already");
        }
        backend.optimizer().cancel(before.id());
        call.reply(200, summary(find(call)));
    }

    private void forget(Call call) throws IOException, HttpProblem {
        try {
            backend.optimizer().forget(find(call).id());
        } catch (IllegalStateException e) {
            throw new HttpProblem(409, "WRONG_STATE", String.valueOf(e.getMessage()));
        }
        call.replyNothing(204);
    }

    private Optimization find(Call call) throws HttpProblem {
        String id = call.parameter("id");
        return backend.optimizer()
                .find(id)
                .orElseThrow(() -> HttpProblem.notFound("there is no optimization '" + id + "'"));
    }

    private static OptimizationRequest request(JsonObject body) throws HttpProblem {
        Json.checkMembers(
                body,
                List.of(
                        "model",
                        "version",
                        "accelerator",
                        "passes",
                        "calibration",
                        "labels",
                        "budget",
                        "leastAgreement",
                        "mostAccuracyLoss"));
        Gate gate = Gate.DEFAULT;
        var source = CalibrationSource.parse(Json.string(body, "calibration").orElse(""));
        String labels = Json.string(body, "labels").orElse("");
        return new OptimizationRequest(
                ModelId.of(Json.required(body, "model"), Json.required(body, "version")),
                Json.string(body, "accelerator").orElse("cpu"),
                Pipeline.parse(Json.string(body, "passes").orElse("auto")),
                new Gate(
                        number(body, "leastAgreement", gate.leastAgreement()),
                        gate.leastCosine(),
                        gate.mostError(),
                        number(body, "mostAccuracyLoss", gate.mostAccuracyLoss())),
                Budget.parse(Json.string(body, "budget").orElse("")),
                new CalibrationSource(source.kind(), source.where(), labels));
    }

    private static double number(JsonObject body, String name, double fallback) throws HttpProblem {
        JsonElement element = body.get(name);
        if (element == null || element.isJsonNull()) {
            return fallback;
        }
        if (element.isJsonPrimitive() && element.getAsJsonPrimitive().isNumber()) {
            return element.getAsDouble();
        }
        throw HttpProblem.bad("'" + name + "' is " + element + ", expected a number from 0 to 1");
    }

    private static JsonElement summary(Optimization optimization) {
        var json = new JsonObject();
        json.addProperty("id", optimization.id());
        json.addProperty("model", optimization.request().model().name());
        json.addProperty("version", optimization.request().model().version().toString());
        json.addProperty("accelerator", optimization.request().accelerator());
        json.addProperty("passes", optimization.request().pipeline().toString());
        json.addProperty("state", optimization.state().name());
        json.addProperty("fraction", optimization.fraction());
        json.addProperty("message", optimization.message());
        json.addProperty("since", optimization.since().toString());
        json.addProperty("variants", optimization.variants().size());
        json.addProperty("chosen", optimization.chosen());
        return json;
    }

    private static JsonElement drift(Drift drift) {
        var json = new JsonObject();
        json.addProperty("deployment", drift.deployment());
        json.addProperty("model", drift.model().toString());
        json.addProperty("samples", drift.samples());
        json.addProperty("captured", drift.captured());
        json.addProperty("compared", drift.compared());
        json.addProperty("alarm", drift.alarm());
        json.add("psi", Json.of(drift.psi()));
        return json;
    }

    private static JsonElement pass(Optimizer.Pass pass) {
        var json = new JsonObject();
        json.addProperty("name", pass.name());
        json.addProperty("description", pass.description());
        json.addProperty("stage", pass.stage().name());
        json.add("parameters", Json.array(pass.parameters(), OptimizationRoutes::parameter));
        return json;
    }

    private static JsonElement parameter(PassParameter parameter) {
        var json = new JsonObject();
        json.addProperty("name", parameter.name());
        json.addProperty("default", parameter.defaultValue());
        json.addProperty("description", parameter.description());
        json.addProperty("kind", parameter.kind().name());
        switch (parameter.kind()) {
            case CHOICE -> json.add("choices", Json.strings(parameter.choices()));
            case INTEGER, REAL -> {
                json.addProperty("least", parameter.least());
                json.addProperty("most", parameter.most());
            }
            case TEXT -> {
                // any text
            }
        }
        return json;
    }
}
