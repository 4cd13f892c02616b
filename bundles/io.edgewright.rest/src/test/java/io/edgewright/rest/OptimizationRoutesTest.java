// SPDX-License-Identifier: Apache-2.0
package io.edgewright.rest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.google.gson.JsonParser;
import io.edgewright.api.model.ModelFile;
import io.edgewright.api.model.ModelId;
import io.edgewright.api.optimize.Drift;
import io.edgewright.api.optimize.Measurement;
import io.edgewright.api.optimize.Optimization;
import io.edgewright.api.optimize.Optimization.State;
import io.edgewright.api.optimize.OptimizationPass;
import io.edgewright.api.optimize.OptimizationRequest;
import io.edgewright.api.optimize.Optimizer;
import io.edgewright.api.optimize.PassParameter;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class OptimizationRoutesTest {

    private static final String ALL = "/api/v1/optimizations";

    @TempDir
    static Path home; // shared: making the first account takes a while

    private final Remembered optimizer = new Remembered();
    private RestTestServer server;
    private Client client;

    @BeforeEach
    void start() throws IOException {
        server = new RestTestServer(home, Map.of(), 0);
        server.rest.optimizer = optimizer;
        client = new Client(server.url(), "Authorization", "Bearer " + server.localToken());
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void requestsFollowsCancelsAndForgets() throws Exception {
        var begun = client.post(
                ALL,
                "{\"model\":\"shelf\",\"version\":\"1.0.0\",\"passes\":\"graph; quantize(weights=int8)\","
                        + "\"budget\":\"latency=5\",\"leastAgreement\":0.9}");
        assertThat(begun.status()).as(begun.text()).isEqualTo(202);
        assertThat(begun.json().get("passes").getAsString()).isEqualTo("graph;quantize(weights=int8)");
        OptimizationRequest request = optimizer.list().get(0).request();
        assertThat(request.gate().leastAgreement()).isEqualTo(0.9);
        assertThat(request.budget().latency()).hasMillis(5);
        assertThat(request.accelerator()).isEqualTo("cpu");

        assertThat(client.get(ALL).text()).contains("\"id\":\"r1\"");
        assertThat(client.get(ALL + "/r1").text()).isEqualTo("{\"report\":\"JSON\"}");
        assertThat(client.get(ALL + "/r1/report.html").text()).isEqualTo("{\"report\":\"HTML\"}");
        assertThat(client.post(ALL + "/r1/cancel", "").json().get("state").getAsString())
                .isEqualTo("CANCELLED");
        assertThat(client.post(ALL + "/r1/cancel", "").status()).isEqualTo(409);
        assertThat(client.send("DELETE", ALL + "/r1", new byte[0]).status()).isEqualTo(204);
        assertThat(client.get(ALL + "/r1").status()).isEqualTo(404);
    }

    @Test
    void deploymentsTakePipelinesAndSayWhatIsWrongWithThem() throws Exception {
        var settings = JsonParser.parseString(
                        "{\"passes\":\"graph;quantize(weights=int8)\",\"calibration\":\"/data\",\"budget\":\"size=1\"}")
                .getAsJsonObject();
        assertThat(DeploymentSettings.parse(settings))
                .isEqualTo(
                        Map.of("passes", "graph;quantize(weights=int8)", "calibration", "/data", "budget", "size=1"));
        settings.addProperty("passes", "Graph");
        assertThatExceptionOfType(HttpProblem.class)
                .isThrownBy(() -> DeploymentSettings.parse(settings))
                .withMessageContaining("'passes': pass name 'Graph' is malformed");
    }

    @Test
    void listsPassesWithWhatCanBeSet() throws Exception {
        assertThat(client.get("/api/v1/passes").text())
                .contains("\"name\":\"quantize\"", "\"choices\":[\"int8\",\"fp16\"]", "\"stage\":\"PRECISION\"");
        assertThat(client.get("/api/v1/drift").text())
                .contains(
                        "\"deployment\":\"shelf\"",
                        "\"captured\":5",
                        "\"compared\":true",
                        "\"input x\":0.3",
                        "\"alarm\":true");
        server.rest.optimizer = null;
        assertThat(client.get("/api/v1/passes").status()).isEqualTo(503);
    }

    @Test
    void recalibratesADeploymentThatIsSeen() throws Exception {
        var begun = client.post("/api/v1/drift/shelf/recalibrate", "");
        assertThat(begun.status()).isEqualTo(202);
        assertThat(begun.text()).contains("\"optimizations\":[\"r1\"]", "\"deployment\":\"shelf\"");
        var unknown = client.post("/api/v1/drift/gate/recalibrate", "");
        assertThat(unknown.status()).isEqualTo(404);
        assertThat(unknown.json().get("error").getAsString()).contains("nothing is seen of 'gate'");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "{}; 'model' is missing",
                "{\"model\":\"m\"}; 'version' is missing",
                "{\"model\":\"m\",\"version\":\"1\",\"passes\":\"none\"}; the pipeline is none",
                "{\"model\":\"m\",\"version\":\"1\",\"leastAgreement\":2}; expected 0.0 to 1.0",
                "{\"model\":\"m\",\"version\":\"1\",\"leastAgreement\":\"x\"}; expected a number",
                "{\"model\":\"m\",\"version\":\"1\",\"budget\":\"speed=1\"}; budget 'speed=1' is unknown",
                "{\"model\":\"m\",\"version\":\"1\",\"odd\":1}; 'odd' is unknown"
            })
    void saysWhatIsWrongWithARequest(String body, String expected) throws Exception {
        var refused = client.post(ALL, body);
        assertThat(refused.status()).isEqualTo(400);
        assertThat(refused.json().get("error").getAsString()).contains(expected);
    }

    /** Does nothing with requests but remember them. */
    private static final class Remembered implements Optimizer {

        private final Map<String, Optimization> known = new ConcurrentSkipListMap<>();

        @Override
        public List<Pass> passes() {
            return List.of(new Pass(
                    "quantize",
                    "For tests.",
                    OptimizationPass.Stage.PRECISION,
                    List.of(
                            PassParameter.choice("weights", "the weights", "int8", "fp16"),
                            PassParameter.real("keep", "a share", 0.5, 0, 1))));
        }

        @Override
        public Optimization request(OptimizationRequest request) {
            return put(request, State.WAITING);
        }

        private Optimization put(OptimizationRequest request, State state) {
            var status =
                    new Optimization("r1", request, state, 0, "", Instant.EPOCH, 0, Measurement.NONE, List.of(), "");
            known.put("r1", status);
            return status;
        }

        @Override
        public List<Drift> drift() {
            return List.of(new Drift("shelf", ModelId.of("m", "1.0.0"), 7, 5, true, Map.of("input x", 0.3), true));
        }

        @Override
        public List<String> recalibrate(String deployment) {
            if (!deployment.equals("shelf")) {
                throw new IllegalArgumentException("nothing is seen of '" + deployment + "'");
            }
            return List.of("r1");
        }

        @Override
        public List<Optimization> list() {
            return List.copyOf(known.values());
        }

        @Override
        public Optional<Optimization> find(String id) {
            return Optional.ofNullable(known.get(id));
        }

        @Override
        public void cancel(String id) {
            put(find(id).orElseThrow().request(), State.CANCELLED);
        }

        @Override
        public void forget(String id) {
            known.remove(id);
        }

        @Override
        public ModelFile open(String id, String key) {
            throw new UnsupportedOperationException();
        }

        @Override
        public String report(String id, ReportFormat format) {
            return "{\"report\":\"" + format + "\"}";
        }

        @Override
        public void export(String id, Path folder) {
            throw new UnsupportedOperationException();
        }
    }
}
