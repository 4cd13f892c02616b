// SPDX-License-Identifier: Apache-2.0
package io.edgewright.rest;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.inference.DeploymentStatus;
import io.edgewright.api.inference.Deployments;
import io.edgewright.api.inference.InferenceStatistics;
import io.edgewright.api.inference.Predictor;
import io.edgewright.api.inference.ServedVersion;
import io.edgewright.api.inference.Signature;
import io.edgewright.rest.Router.Body;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** The Open Inference Protocol, version 2, over HTTP: a model's name is that of its deployment. Thread-safe. */
final class InferenceRoutes {

    private static final List<String> EXTENSIONS = List.of(
            "binary_tensor_data",
            "classification",
            "model_repository",
            "model_repository(unload_dependents)",
            "parameters",
            "schedule_policy",
            "statistics");

    private final Backend backend;
    private final InferAction infer;
    private final String version;

    InferenceRoutes(Backend backend, BufferPool pool, String version) {
        this.backend = backend;
        this.infer = new InferAction(pool);
        this.version = version;
    }

    void addTo(Router router) {
        String model = "/v2/models/{model}";
        String one = model + "/versions/{version}";
        router.add("GET", "/v2/models/stats", Role.VIEWER, this::allStatistics);
        for (String path : List.of(model, one)) {
            router.add("POST", path + "/infer", Role.VIEWER, Body.INFERENCE, this::infer)
                    .add("GET", path + "/ready", Role.NONE, this::ready)
                    .add("GET", path, Role.VIEWER, this::metadata)
                    .add("GET", path + "/stats", Role.VIEWER, this::statistics);
        }
        router.add("GET", "/v2", Role.VIEWER, this::server)
                .add("GET", "/v2/health/live", Role.NONE, call -> call.reply(200, new JsonObject()))
                .add("GET", "/v2/health/ready", Role.NONE, this::serverReady);
    }

    private void infer(Call call) throws IOException, HttpProblem {
        infer.infer(call, call.parameter("model"), predictor(call));
    }

    private void server(Call call) throws IOException {
        var json = new JsonObject();
        json.addProperty("name", "edgewright");
        json.addProperty("version", version);
        json.add("extensions", Json.strings(EXTENSIONS));
        call.reply(200, json);
    }

    private void serverReady(Call call) throws IOException, HttpProblem {
        Deployments deployments = backend.findDeployments().orElseThrow(() -> notReady("no runtime is running"));
        for (DeploymentStatus status : deployments.list()) {
            if (!ready(status)) {
                throw notReady("model " + status.name() + " is " + status.state());
            }
        }
        call.reply(200, new JsonObject());
    }

    private void ready(Call call) throws IOException, HttpProblem {
        Predictor predictor = predictor(call);
        try {
            predictor.signature();
        } catch (InferenceException e) {
            throw notReady(String.valueOf(e.getMessage()));
        }
        call.reply(200, new JsonObject());
    }

    private void metadata(Call call) throws IOException, HttpProblem {
        String name = call.parameter("model");
        Signature signature;
        try {
            signature = predictor(call).signature();
        } catch (InferenceException e) {
            throw InferenceProblems.of(e);
        }
        var json = new JsonObject();
        json.addProperty("name", name);
        List<String> versions = served(name).stream()
                .map(v -> v.manifest().id().version().toString())
                .distinct()
                .toList();
        json.add(
                "versions",
                Json.strings(
                        versions.isEmpty()
                                ? List.of(signature.manifest().id().version().toString())
                                : versions));
        json.addProperty("platform", platform(signature.manifest().format()));
        json.add("inputs", Json.specs(signature.inputs()));
        json.add("outputs", Json.specs(signature.outputs()));
        call.reply(200, json);
    }

    /** {@return {@code <project>_<format>}, as the Open Inference Protocol names platforms; the format itself if unknown} */
    private static String platform(String format) {
        return switch (format) {
            case "onnx" -> "onnxruntime_onnx"; // what Triton calls it
            case "tflite" -> "tensorflow_tflite";
            case "torchscript" -> "pytorch_torchscript";
            default -> format;
        };
    }

    private void statistics(Call call) throws IOException, HttpProblem {
        String name = call.parameter("model");
        Optional<String> wanted =
                call.path().contains("/versions/") ? Optional.of(call.parameter("version")) : Optional.empty();
        if (backend.deployments().find(name).isEmpty()) {
            throw unknown(name);
        }
        var stats = new JsonArray();
        served(name).stream()
                .filter(v -> wanted.isEmpty()
                        || wanted.get().equals(v.manifest().id().version().toString()))
                .forEach(v -> stats.add(statistics(name, v)));
        if (stats.isEmpty() && wanted.isPresent()) {
            throw HttpProblem.notFound("model '" + name + "' does not serve version " + wanted.get());
        }
        call.reply(200, Json.object("model_stats", stats));
    }

    private void allStatistics(Call call) throws IOException, HttpProblem {
        var stats = new JsonArray();
        for (DeploymentStatus status : backend.deployments().list()) {
            status.served().forEach(v -> stats.add(statistics(status.name(), v)));
        }
        call.reply(200, Json.object("model_stats", stats));
    }

    private static JsonObject statistics(String name, ServedVersion served) {
        InferenceStatistics s = served.statistics();
        var inference = new JsonObject();
        inference.add("success", duration(s.successes(), s.requestNanos()));
        inference.add("fail", duration(s.failed(), 0));
        inference.add("queue", duration(s.successes(), s.queueNanos()));
        inference.add("compute_input", duration(s.successes(), s.inputNanos()));
        inference.add("compute_infer", duration(s.executions(), s.inferNanos()));
        inference.add("compute_output", duration(s.successes(), s.outputNanos()));
        inference.add("cache_hit", duration(0, 0));
        inference.add("cache_miss", duration(0, 0));
        var json = new JsonObject();
        json.addProperty("name", name);
        json.addProperty("version", served.manifest().id().version().toString());
        json.addProperty("inference_count", s.inferences());
        json.addProperty("execution_count", s.executions());
        json.add("inference_stats", inference);
        json.add("batch_stats", new JsonArray());
        return json;
    }

    private static JsonObject duration(long count, long nanos) {
        var json = new JsonObject();
        json.addProperty("count", count);
        json.addProperty("ns", nanos);
        return json;
    }

    /** {@return the predictor that the path names: of a deployment, or of one version of it} */
    private Predictor predictor(Call call) throws HttpProblem {
        String name = call.parameter("model");
        Optional<Predictor> predictor = backend.findPredictor(name);
        if (predictor.isEmpty()) {
            boolean known = backend.findDeployments().flatMap(d -> d.find(name)).isPresent();
            throw known ? new HttpProblem(503, "NOT_READY", "model '" + name + "' is starting", 1) : unknown(name);
        }
        if (!call.path().contains("/versions/")) {
            return predictor.get();
        }
        String wanted = call.parameter("version");
        return predictor
                .get()
                .version(wanted)
                .orElseThrow(
                        () -> HttpProblem.notFound("model '" + name + "' does not serve version " + wanted + " now"));
    }

    private List<ServedVersion> served(String name) {
        return backend.findDeployments()
                .flatMap(d -> d.find(name))
                .map(DeploymentStatus::served)
                .orElse(List.of());
    }

    static boolean ready(DeploymentStatus status) {
        return switch (status.state()) {
            case SERVING, DEGRADED -> true;
            case STARTING, FAILED -> false;
        };
    }

    // the protocol answers this question with 200 or a 4xx status
    private static HttpProblem notReady(String message) {
        return new HttpProblem(400, "NOT_READY", message);
    }

    private static HttpProblem unknown(String name) {
        return HttpProblem.notFound("there is no model '" + name + "'; POST /v2/repository/index lists them");
    }
}
