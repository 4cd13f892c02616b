// SPDX-License-Identifier: Apache-2.0
package io.edgewright.metrics;

import io.edgewright.api.accelerator.InferenceException.Reason;
import io.edgewright.api.inference.DeploymentStatus;
import io.edgewright.api.inference.Histogram;
import io.edgewright.api.inference.InferenceStatistics;
import io.edgewright.api.inference.ServedVersion;
import io.edgewright.metrics.Exposition.Type;
import java.util.List;
import java.util.Locale;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;

/**
 * What deployments and their versions did. The {@code nv_} metrics have the names, units and labels of the Triton
 * Inference Server, whose {@code model} is our deployment; the others are ours.
 */
final class ModelMetrics {

    /** A version that is loaded, and the deployment it is loaded for. */
    private record Loaded(String deployment, ServedVersion served) {

        String version() {
            return served.manifest().id().version().toString();
        }

        InferenceStatistics statistics() {
            return served.statistics();
        }

        /** A version can be loaded twice while it moves to another device: that and its role keep the two apart. */
        String[] labels(String... more) {
            return Stream.concat(
                            Stream.of(
                                    "deployment",
                                    deployment,
                                    "model",
                                    served.manifest().id().name(),
                                    "version",
                                    version(),
                                    "accelerator",
                                    served.accelerator(),
                                    "role",
                                    served.role().name().toLowerCase(Locale.ROOT)),
                            Stream.of(more))
                    .toArray(String[]::new);
        }
    }

    /** What is counted for the two labels that Triton has. */
    private record Key(String deployment, String version) {}

    private final Exposition out;
    private final List<DeploymentStatus> deployments;
    private final List<Loaded> versions;

    ModelMetrics(Exposition out, List<DeploymentStatus> deployments) {
        this.out = out;
        this.deployments = deployments;
        this.versions = deployments.stream()
                .flatMap(d -> d.served().stream().map(v -> new Loaded(d.name(), v)))
                .toList();
    }

    void write() {
        tritonCounts();
        tritonTimes();
        latency();
        loaded();
        deployments();
    }

    private void tritonCounts() {
        triton("nv_inference_request_success", Type.COUNTER, "Requests answered.", InferenceStatistics::successes);
        String failure = "nv_inference_request_failure";
        out.family(failure, Type.COUNTER, "Requests refused or failed, by reason.");
        keys().forEach(key -> {
            for (Reason reason : Reason.values()) {
                long count = sum(key, s -> s.failures().getOrDefault(reason, 0L));
                out.sample(
                        failure, count, "model", key.deployment, "version", key.version, "reason", reason.toString());
            }
        });
        triton("nv_inference_count", Type.COUNTER, "Items inferred: a batch of 8 counts 8.", s -> s.inferences());
        triton(
                "nv_inference_exec_count",
                Type.COUNTER,
                "Runs of the model: a batch of 8 counts 1.",
                s -> s.executions());
        triton(
                "nv_inference_pending_request_count",
                Type.GAUGE,
                "Requests that wait for a slot or in a batch now.",
                InferenceStatistics::pending);
    }

    private void tritonTimes() {
        time("request", "Total time of successful requests in microseconds, waiting included.", s -> s.requestNanos());
        time("queue", "Time spent waiting for a slot in microseconds.", InferenceStatistics::queueNanos);
        time("compute_input", "Time spent filling inputs in microseconds.", InferenceStatistics::inputNanos);
        time("compute_infer", "Time spent running the model in microseconds.", InferenceStatistics::inferNanos);
        time("compute_output", "Time spent reading outputs in microseconds.", InferenceStatistics::outputNanos);
    }

    private void time(String phase, String help, ToLongFunction<InferenceStatistics> nanos) {
        triton("nv_inference_" + phase + "_duration_us", Type.COUNTER, help, s -> nanos.applyAsLong(s) / 1000);
    }

    private void triton(String name, Type type, String help, ToLongFunction<InferenceStatistics> value) {
        out.family(name, type, help);
        keys().forEach(key -> out.sample(name, sum(key, value), "model", key.deployment, "version", key.version));
    }

    private Stream<Key> keys() {
        return versions.stream().map(v -> new Key(v.deployment, v.version())).distinct();
    }

    private long sum(Key key, ToLongFunction<InferenceStatistics> value) {
        return versions.stream()
                .filter(v -> v.deployment.equals(key.deployment) && v.version().equals(key.version))
                .mapToLong(v -> value.applyAsLong(v.statistics()))
                .sum();
    }

    private void latency() {
        String name = "edgewright_inference_latency_seconds";
        out.family(name, Type.HISTOGRAM, "Time of successful requests, waiting included.");
        for (Loaded version : versions) {
            Histogram latency = version.statistics().latency();
            long cumulative = 0;
            for (int i = 0; i < latency.upperBoundsMillis().size(); i++) {
                cumulative += latency.counts().get(i);
                String bound = Exposition.seconds(latency.upperBoundsMillis().get(i));
                out.sample(name + "_bucket", cumulative, version.labels("le", bound));
            }
            out.sample(name + "_bucket", latency.count(), version.labels("le", "+Inf"));
            out.sample(name + "_sum", latency.sumMillis() / 1000, version.labels());
            out.sample(name + "_count", latency.count(), version.labels());
        }
    }

    private void loaded() {
        loaded(
                "edgewright_model_memory_bytes",
                Type.GAUGE,
                "Memory of a loaded version, as its driver estimates it.",
                v -> v.memoryBytes());
        loaded(
                "edgewright_model_traffic_percent",
                Type.GAUGE,
                "Share of requests that a version answers.",
                v -> v.percent());
        loaded(
                "edgewright_shadow_comparisons_total",
                Type.COUNTER,
                "Answers of a shadow that were compared.",
                v -> v.comparisons());
        loaded(
                "edgewright_shadow_disagreements_total",
                Type.COUNTER,
                "Compared answers of a shadow that differed.",
                v -> v.disagreements());
    }

    private void loaded(String name, Type type, String help, ToLongFunction<ServedVersion> value) {
        out.family(name, type, help);
        versions.forEach(v -> out.sample(name, value.applyAsLong(v.served), v.labels()));
    }

    private void deployments() {
        String state = "edgewright_deployment_state";
        out.family(state, Type.GAUGE, "1 for the state that a deployment is in, 0 for the others.");
        for (DeploymentStatus deployment : deployments) {
            for (DeploymentStatus.State each : DeploymentStatus.State.values()) {
                String label = each.name().toLowerCase(Locale.ROOT);
                long value = deployment.state() == each ? 1 : 0;
                out.sample(state, value, "deployment", deployment.name(), "model", deployment.model(), "state", label);
            }
        }
        String swaps = "edgewright_deployment_swaps_total";
        out.family(swaps, Type.COUNTER, "How often the version that answers was replaced.");
        for (DeploymentStatus deployment : deployments) {
            out.sample(swaps, deployment.swaps(), "deployment", deployment.name(), "model", deployment.model());
        }
    }
}
