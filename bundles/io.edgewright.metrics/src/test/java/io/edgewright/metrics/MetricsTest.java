// SPDX-License-Identifier: Apache-2.0
package io.edgewright.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.edgewright.api.accelerator.Accelerator;
import io.edgewright.api.accelerator.AcceleratorKind;
import io.edgewright.api.accelerator.InferenceException.Reason;
import io.edgewright.api.health.HealthCheck;
import io.edgewright.api.inference.DeploymentStatus;
import io.edgewright.api.inference.DeploymentStatus.State;
import io.edgewright.api.inference.Deployments;
import io.edgewright.api.inference.Deployments.DeviceState;
import io.edgewright.api.inference.Histogram;
import io.edgewright.api.inference.InferenceStatistics;
import io.edgewright.api.inference.ServedVersion;
import io.edgewright.api.inference.ServedVersion.Role;
import io.edgewright.api.model.ModelId;
import io.edgewright.api.model.ModelManifest;
import io.edgewright.testkit.Configs;
import io.edgewright.testkit.RecordedExchange;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class MetricsTest {

    private static final Histogram LATENCY =
            new Histogram(List.of(0.05, 0.1, 1.0, 1000.0), List.of(5L, 0L, 2L, 1L, 1L), 1234.5);

    @Test
    void namesAndCountsWhatTritonDoes() throws Exception {
        var samples = scrape(runtime(served("1.0.0", "cpu", Role.PRIMARY))).samples();
        assertThat(samples)
                .containsEntry("nv_inference_request_success{model=shelf, version=1.0.0}", 9.0)
                .containsEntry("nv_inference_request_failure{model=shelf, reason=QUEUE_FULL, version=1.0.0}", 3.0)
                .containsEntry("nv_inference_request_failure{model=shelf, reason=NOT_READY, version=1.0.0}", 0.0)
                .containsEntry("nv_inference_count{model=shelf, version=1.0.0}", 80.0)
                .containsEntry("nv_inference_exec_count{model=shelf, version=1.0.0}", 10.0)
                .containsEntry("nv_inference_pending_request_count{model=shelf, version=1.0.0}", 2.0)
                .containsEntry("nv_inference_request_duration_us{model=shelf, version=1.0.0}", 5000.0)
                .containsEntry("nv_inference_queue_duration_us{model=shelf, version=1.0.0}", 1000.0)
                .containsEntry("nv_inference_compute_input_duration_us{model=shelf, version=1.0.0}", 500.0)
                .containsEntry("nv_inference_compute_infer_duration_us{model=shelf, version=1.0.0}", 3000.0)
                .containsEntry("nv_inference_compute_output_duration_us{model=shelf, version=1.0.0}", 400.0);
    }

    @Test
    void givesPrometheusTheTypesThatItsFunctionsExpect() throws Exception {
        assertThat(scrape(runtime(served("1.0.0", "cpu", Role.PRIMARY))).types())
                .containsEntry("nv_inference_request_success", "counter")
                .containsEntry("nv_inference_pending_request_count", "gauge")
                .containsEntry("edgewright_inference_latency_seconds", "histogram")
                .containsEntry("edgewright_deployment_swaps_total", "counter")
                .containsEntry("jvm_gc_collection_seconds", "summary");
    }

    @Test
    void addsUpABucketAndAllBelowItInSeconds() throws Exception {
        var samples = scrape(runtime(served("1.0.0", "cpu", Role.PRIMARY))).samples();
        String labels = "accelerator=cpu, deployment=shelf, %smodel=detector, role=primary, version=1.0.0}";
        String bucket = "edgewright_inference_latency_seconds_bucket{" + labels;
        assertThat(samples)
                .containsEntry(bucket.formatted("le=0.00005, "), 5.0)
                .containsEntry(bucket.formatted("le=0.0001, "), 5.0)
                .containsEntry(bucket.formatted("le=0.001, "), 7.0)
                .containsEntry(bucket.formatted("le=1, "), 8.0)
                .containsEntry(bucket.formatted("le=+Inf, "), 9.0)
                .containsEntry("edgewright_inference_latency_seconds_sum{" + labels.formatted(""), 1.2345)
                .containsEntry("edgewright_inference_latency_seconds_count{" + labels.formatted(""), 9.0);
    }

    @Test
    void addsUpAVersionThatIsLoadedOnTwoDevices() throws Exception {
        var samples = scrape(runtime(served("2.0.0", "cpu", Role.PRIMARY), served("2.0.0", "npu", Role.CANARY)))
                .samples();
        assertThat(samples)
                .containsEntry("nv_inference_request_success{model=shelf, version=2.0.0}", 18.0)
                .containsEntry(
                        "edgewright_model_memory_bytes{accelerator=npu, deployment=shelf, model=detector, role=canary,"
                                + " version=2.0.0}",
                        4096.0);
    }

    @Test
    void tellsStatesDevicesAndSwaps() throws Exception {
        var samples = scrape(runtime(served("1.0.0", "cpu", Role.PRIMARY))).samples();
        assertThat(samples)
                .containsEntry("edgewright_deployment_state{deployment=shelf, model=detector, state=degraded}", 1.0)
                .containsEntry("edgewright_deployment_state{deployment=shelf, model=detector, state=serving}", 0.0)
                .containsEntry("edgewright_deployment_swaps_total{deployment=shelf, model=detector}", 7.0)
                .containsEntry("edgewright_accelerator_healthy{accelerator=npu:0, driver=sim, kind=NPU}", 0.0)
                .containsEntry(
                        "edgewright_accelerator_state{accelerator=npu:0, breaker=open, driver=sim, kind=NPU, state=failing}",
                        1.0)
                .containsEntry(
                        "edgewright_accelerator_state{accelerator=npu:0, breaker=closed, driver=sim, kind=NPU, state=ready}",
                        0.0)
                .containsEntry("edgewright_driver_idle{driver=open\\\"vino\\\\\\n}", 1.0);
    }

    @Test
    void tellsHowTheProcessIsEvenWithoutARuntime() throws Exception {
        var exchange = new RecordedExchange("GET", "/metrics");
        new Metrics(config(Map.of()), List.of(), List.of()).handle(exchange);
        var samples = new StrictParser(exchange.text()).samples();
        assertThat(samples.keySet())
                .contains(
                        "process_start_time_seconds",
                        "jvm_memory_used_bytes{area=heap}",
                        "jvm_buffer_pool_used_bytes{pool=direct}",
                        "jvm_threads_current")
                .noneMatch(name -> name.startsWith("nv_"));
        if (System.getProperty("os.name").equals("Linux")) {
            assertThat(samples.get("process_resident_memory_bytes")).isGreaterThan(10e6);
            assertThat(samples.get("process_open_fds")).isGreaterThan(2);
        }
    }

    @Test
    void countsFindingsAndSurvivesACheckThatFails() throws Exception {
        var exchange = new RecordedExchange("GET", "/metrics");
        new Metrics(
                        config(Map.of()),
                        List.of(),
                        List.of(
                                new Broken(),
                                new MemoryHealth(Configs.of(MemoryHealth.Config.class, Map.of("limit.mib", 1)))))
                .handle(exchange);
        assertThat(new StrictParser(exchange.text()).samples())
                .containsEntry("edgewright_health_findings{check=broken, severity=CRITICAL}", 1.0)
                .containsEntry("edgewright_health_findings{check=broken, severity=WARNING}", 0.0)
                .containsKey("edgewright_health_findings{check=memory, severity=CRITICAL}");
    }

    @Test
    void answersHeadWithoutABodyAndRefusesTheRest() throws Exception {
        var metrics = new Metrics(config(Map.of()), List.of(), List.of());
        var head = new RecordedExchange("HEAD", "/metrics");
        metrics.handle(head);
        assertThat(head.status()).isEqualTo(200);
        assertThat(head.length()).isPositive();
        assertThat(head.text()).isEmpty();

        var post = new RecordedExchange("POST", "/metrics");
        metrics.handle(post);
        assertThat(post.status()).isEqualTo(405);
        assertThat(post.headers()).containsEntry("Allow", "GET, HEAD");

        var elsewhere = new RecordedExchange("GET", "/metrics/x");
        metrics.handle(elsewhere);
        assertThat(elsewhere.status()).isEqualTo(404);
    }

    @Test
    void refusesARoleThatDoesNotExist() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Metrics(config(Map.of("edgewright.http.role.read", "root"))))
                .withMessageContainingAll("root", "viewer", "anyone");
    }

    private static StrictParser scrape(Deployments runtime) throws IOException {
        var exchange = new RecordedExchange("GET", "/metrics");
        new Metrics(config(Map.of()), List.of(runtime), List.of()).handle(exchange);
        assertThat(exchange.status()).isEqualTo(200);
        assertThat(exchange.contentType()).isEqualTo("text/plain; version=0.0.4; charset=utf-8");
        assertThat(exchange.headers()).containsEntry("Cache-Control", "no-store");
        return new StrictParser(exchange.text());
    }

    private static Metrics.Config config(Map<String, Object> properties) {
        return Configs.of(Metrics.Config.class, properties);
    }

    private static Deployments runtime(ServedVersion... served) {
        var status = new DeploymentStatus(
                "shelf",
                "detector",
                "latest",
                State.DEGRADED,
                "on the processor: npu:0 is lost",
                Instant.EPOCH,
                List.of(served),
                Optional.empty(),
                7);
        var npu = new Accelerator(
                "npu:0", "sim", AcceleratorKind.NPU, "", "simulated", 1 << 20, Set.of("onnx"), true, Map.of());
        return new FixedDeployments(
                List.of(status),
                List.of(new Deployments.Device(npu, DeviceState.FAILING, "lost", Optional.empty(), List.of())),
                List.of(new Deployments.IdleDriver("open\"vino\\\n", "no device")));
    }

    private static ServedVersion served(String version, String accelerator, Role role) {
        var manifest = new ModelManifest(
                ModelId.of("detector", version),
                "onnx",
                "model.onnx",
                "0".repeat(64),
                1,
                List.of(),
                List.of(),
                Map.of(),
                Map.of());
        var statistics = new InferenceStatistics(
                9,
                Map.of(Reason.QUEUE_FULL, 3L),
                80,
                10,
                2,
                5_000_000,
                1_000_000,
                500_000,
                3_000_000,
                400_000,
                LATENCY);
        return new ServedVersion(manifest, accelerator, "", role, 100, Instant.EPOCH, 4096, Map.of(), 0, 0, statistics);
    }

    private record Broken() implements HealthCheck {

        @Override
        public String name() {
            return "broken";
        }

        @Override
        public List<Finding> check() {
            throw new IllegalStateException("closed");
        }
    }
}
