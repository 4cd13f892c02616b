// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.remote;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.edgewright.api.accelerator.AcceleratorKind;
import io.edgewright.api.accelerator.Deadline;
import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.accelerator.InferenceException.Reason;
import io.edgewright.api.accelerator.LoadOptions;
import io.edgewright.api.accelerator.ModelSession;
import io.edgewright.api.accelerator.Slot;
import io.edgewright.api.config.SecretDecoder;
import io.edgewright.api.model.ModelFile;
import io.edgewright.api.model.ModelManifest;
import io.edgewright.api.tensor.ElementType;
import io.edgewright.api.tensor.TensorSpec;
import io.edgewright.testkit.FileModel;
import io.edgewright.testkit.TestTensors;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(value = 120, unit = TimeUnit.SECONDS)
class RemoteDriverTest {

    private static final TensorSpec X = new TensorSpec("x", ElementType.FLOAT32, List.of(2L));

    @TempDir
    Path folder;

    private TestServer server;

    @BeforeEach
    void start() throws IOException {
        server = new TestServer();
        server.identity("m", X);
    }

    @AfterEach
    void stop() throws IOException {
        server.close();
    }

    @Test
    void describesTheServer() {
        RemoteDriver driver = Drivers.ready(server.url(), "name", "cluster");
        assertThat(driver.name()).isEqualTo("remote.cluster");
        var device = driver.accelerators().get(0);
        assertThat(device.id()).isEqualTo("remote:cluster");
        assertThat(device.kind()).isEqualTo(AcceleratorKind.REMOTE);
        assertThat(device.description()).contains("test 1", server.url());
        assertThat(device.cancellable()).isTrue();
        driver.stop();
    }

    @Test
    void sendsTheTimeThatIsLeftAndTheTensorsBinary() throws Exception {
        RemoteDriver driver = Drivers.ready(server.url());
        try (var session = load(driver);
                var slot = session.openSlot(Map.of())) {
            run(slot, Deadline.in(Duration.ofSeconds(20)));
            var asked = Objects.requireNonNull(server.lastInference);
            int json = Integer.parseInt(asked.header("inference-header-content-length"));
            String text = new String(asked.body(), 0, json, java.nio.charset.StandardCharsets.UTF_8);
            assertThat(text).matches("\\{\"parameters\":\\{\"timeout\":1[89]\\d{6}}.*\"binary_data\":true.*");
            assertThat(asked.path()).isEqualTo("/v2/models/m/versions/1.0.0/infer");
            assertThat(asked.body()).hasSize(json + 8);
        } finally {
            driver.stop();
        }
    }

    @Test
    void keepsItsConnections() throws Exception {
        RemoteDriver driver = Drivers.ready(server.url(), "check.millis", 60_000);
        try (var session = load(driver);
                var slot = session.openSlot(Map.of())) {
            run(slot, Deadline.NONE);
            int before = server.connections.get();
            for (int i = 0; i < 100; i++) {
                run(slot, Deadline.NONE);
            }
            assertThat(server.connections.get()).isEqualTo(before);
        } finally {
            driver.stop();
        }
    }

    @Test
    void findsAClosedConnectionBeforeItSends() throws Exception {
        RemoteDriver driver = Drivers.ready(server.url(), "check.millis", 60_000, "idle.millis", 60_000);
        try (var session = load(driver);
                var slot = session.openSlot(Map.of())) {
            for (int i = 0; i < 20; i++) {
                run(slot, Deadline.NONE);
                server.dropConnections();
                Drivers.await("the connections to be gone", () -> server.open() == 0);
                int inferences = server.inferences.get();
                run(slot, Deadline.NONE);
                assertThat(server.inferences.get()).isEqualTo(inferences + 1);
            }
        } finally {
            driver.stop();
        }
    }

    @Test
    void doesNotRepeatWhatTheServerMayHaveBegunUnlessAllowed() throws Exception {
        var times = new AtomicInteger();
        for (String repeat : List.of("unsent", "always")) {
            RemoteDriver driver = Drivers.ready(server.url(), "repeat", repeat, "check.millis", 60_000);
            try (var session = load(driver);
                    var slot = session.openSlot(Map.of())) {
                run(slot, Deadline.NONE);
                times.set(0);
                server.fault = (asked, socket) -> {
                    boolean breaks = asked.path().endsWith("/infer") && times.getAndIncrement() == 0;
                    if (breaks) {
                        socket.close();
                    }
                    return breaks;
                };
                if (repeat.equals("always")) {
                    run(slot, Deadline.NONE);
                    assertThat(times.get()).isEqualTo(2);
                } else {
                    assertFails(
                            Reason.DEVICE_UNAVAILABLE, () -> run(slot, Deadline.NONE), "after the request was sent");
                    assertThat(times.get()).isEqualTo(1);
                }
            } finally {
                server.fault = (asked, socket) -> false;
                driver.stop();
            }
        }
    }

    @Test
    void losesTheDeviceWithTheServerAndFindsItAgain() throws Exception {
        RemoteDriver driver = Drivers.ready(server.url());
        var told = new AtomicInteger();
        driver.listeners(List.of(d -> told.incrementAndGet()));
        try (var session = load(driver);
                var slot = session.openSlot(Map.of())) {
            for (int i = 1; i <= 3; i++) {
                run(slot, Deadline.NONE);
                server.kill();
                assertFails(Reason.DEVICE_UNAVAILABLE, () -> run(slot, Deadline.in(Duration.ofSeconds(20))), "");
                Drivers.await("the device to go", () -> driver.accelerators().isEmpty());
                assertThat(driver.unavailable().orElse("")).contains(server.url(), "refused", "check url");
                server.restart();
                Drivers.await("the device to come", () -> !driver.accelerators().isEmpty());
                assertThat(driver.unavailable()).isEmpty();
                int rounds = i;
                Drivers.await("the listener to be told", () -> told.get() == 2 * rounds);
            }
        } finally {
            driver.stop();
        }
    }

    @Test
    void isThereOnlyWhileTheServerIsReady() {
        server.ready = false;
        RemoteDriver driver = Drivers.start(server.url());
        Drivers.await("two checks", () -> server.readyChecks.get() > 2);
        assertThat(driver.accelerators()).isEmpty();
        assertThat(driver.unavailable().orElse("")).contains("/v2/health/ready", "400");
        server.ready = true;
        Drivers.await("the device", () -> !driver.accelerators().isEmpty());
        driver.stop();
    }

    @Test
    void saysThatATokenIsWanted() {
        server.token = "s3cret";
        RemoteDriver without = Drivers.start(server.url());
        Drivers.await(
                "the answer", () -> without.unavailable().orElse("").contains("set token")); // a port may hold 401
        assertThat(without.unavailable().orElse("")).contains("says 401");
        without.stop();
        SecretDecoder decoder = configured -> configured.replace("encrypted-", "");
        var with = new RemoteDriver(Drivers.config(server.url(), "token", "encrypted-s3cret"), List.of(decoder));
        Drivers.await("the device", () -> !with.accelerators().isEmpty());
        with.stop();
    }

    @Test
    void refusesAModelThatTheServerDoesNotHave() throws Exception {
        RemoteDriver driver = Drivers.ready(server.url());
        ModelFile other = FileModel.write(folder, "other.onnx", "onnx", new byte[] {1});
        assertFails(Reason.MODEL_UNSUPPORTED, () -> load(driver, other), "other", "404", "model.path");
        driver.stop();
    }

    @Test
    void asksTheServerToLoadIfItMay() throws Exception {
        server.loadable.put(
                "late", new TestServer.Model(List.of(X), List.of(new TensorSpec("y", X.type(), X.shape())), false));
        ModelFile late = FileModel.write(folder, "late.onnx", "onnx", new byte[] {1});
        RemoteDriver driver = Drivers.ready(server.url(), "load", true);
        try (var session = load(driver, late);
                var slot = session.openSlot(Map.of())) {
            run(slot, Deadline.NONE);
        }
        ModelFile never = FileModel.write(folder, "never.onnx", "onnx", new byte[] {1});
        assertFails(Reason.MODEL_UNSUPPORTED, () -> load(driver, never), "cannot load");
        driver.stop();
    }

    @Test
    void takesModelsOfEveryFormatAndFromWhereTheyAre() throws Exception {
        server.identity("shelf_v2", X);
        RemoteDriver driver = Drivers.ready(server.url());
        for (String format : List.of("onnx", "tflite", "torchscript")) {
            ModelFile model = FileModel.write(folder, "shelf." + format, format, new byte[] {1});
            var options = new LoadOptions(
                    LoadOptions.Goal.LATENCY, 0, true, Map.of("remote.model", "shelf_v2/versions/{major}"));
            try (var session = driver.load(model, driver.accelerators().get(0), options);
                    var slot = session.openSlot(Map.of())) {
                run(slot, Deadline.NONE);
                assertThat(Objects.requireNonNull(server.lastInference).path())
                        .isEqualTo("/v2/models/shelf_v2/versions/1/infer");
            }
        }
        driver.stop();
    }

    @Test
    void comparesTheServersModelWithTheManifest() throws Exception {
        RemoteDriver driver = Drivers.ready(server.url());
        var dynamic = new TensorSpec("x", ElementType.FLOAT32, List.of(-1L));
        assertFails(Reason.MODEL_UNSUPPORTED, () -> load(driver, manifest(X, spec("z", 2))), "'z'", "[y]");
        assertFails(Reason.MODEL_UNSUPPORTED, () -> load(driver, manifest(dynamic, spec("y", -1))), "[2]", "[-1]");
        assertFails(Reason.MODEL_UNSUPPORTED, () -> load(driver, manifest(spec("x", 3), spec("y", 3))), "[3]", "[2]");
        var whole = new TensorSpec("x", ElementType.INT32, List.of(2L));
        assertFails(Reason.MODEL_UNSUPPORTED, () -> load(driver, manifest(whole, spec("y", 2))), "INT32", "FLOAT32");
        server.identity("m", dynamic);
        try (var session = load(driver, manifest(X, spec("y", 2)))) {
            assertThat(session.inputs()).containsExactly(X); // the manifest is narrower than the server
            assertThat(session.outputs()).containsExactly(spec("y", 2));
        }
        driver.stop();
    }

    @Test
    void refusesBrainFloats() {
        RemoteDriver driver = Drivers.ready(server.url());
        server.fault = (asked, socket) -> {
            boolean metadata = asked.path().endsWith("/versions/1.0.0");
            if (metadata) {
                TestServer.send(
                        socket.getOutputStream(),
                        200,
                        "{\"inputs\":[{\"name\":\"x\",\"datatype\":\"BF16\",\"shape\":[2]}],\"outputs\":[]}");
            }
            return metadata;
        };
        assertFails(Reason.MODEL_UNSUPPORTED, () -> load(driver), "BF16", "FP16");
        driver.stop();
    }

    @Test
    void refusesMetadataThatIsNone() {
        RemoteDriver driver = Drivers.ready(server.url());
        for (String metadata : List.of(
                "{}",
                "[]",
                "{\"inputs\":3}",
                "{\"inputs\":[{}]}",
                "{\"inputs\":[],\"outputs\":[{\"name\":\"y\",\"datatype\":\"FP32\",\"shape\":[1000000000000]}]}",
                "{\"inputs\":[{\"name\":\"x\",\"datatype\":\"FP32\",\"shape\":\"all\"}]}",
                "no json")) {
            server.fault = (asked, socket) -> {
                boolean asksForIt = asked.path().endsWith("/versions/1.0.0");
                if (asksForIt) {
                    TestServer.send(socket.getOutputStream(), 200, metadata);
                }
                return asksForIt;
            };
            assertThatExceptionOfType(InferenceException.class)
                    .as(metadata)
                    .isThrownBy(() -> load(driver))
                    .satisfies(e -> assertThat(e.reason()).isIn(Reason.MODEL_UNSUPPORTED, Reason.DEVICE_UNAVAILABLE));
        }
        driver.stop();
    }

    @Test
    void runsOnWhenTheCallerWasInterrupted() throws Exception {
        RemoteDriver driver = Drivers.ready(server.url());
        try (var session = load(driver);
                var slot = session.openSlot(Map.of())) {
            Thread.currentThread().interrupt();
            run(slot, Deadline.NONE);
            assertThat(Thread.interrupted()).isTrue();
        } finally {
            driver.stop();
        }
    }

    @Test
    void endsWhatRunsWhenItIsStopped() throws Exception {
        server.models.put(
                "m", new TestServer.Model(List.of(X), List.of(new TensorSpec("y", X.type(), X.shape())), true));
        RemoteDriver driver = Drivers.ready(server.url());
        try (var session = load(driver);
                var slot = session.openSlot(Map.of())) {
            var stopper = new Thread(() -> {
                Drivers.await("the run", () -> server.inferences.get() > 0);
                driver.stop();
            });
            stopper.start();
            assertFails(Reason.DEVICE_UNAVAILABLE, () -> slot.run(Deadline.NONE), "stopped");
            stopper.join();
        }
    }

    @Test
    void saysWhatIsWrongWithASetting() {
        for (var wrong : Map.<String, Object>of(
                        "url", "ftp://x",
                        "name", "Big Name",
                        "model.path", "../../admin",
                        "headers", new String[] {"Host: evil"},
                        "token", "two words",
                        "connections", 0,
                        "form", "xml",
                        "repeat", "never",
                        "check", "sometimes")
                .entrySet()) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Drivers.start(server.url(), wrong.getKey(), wrong.getValue()))
                    .withMessageContaining(wrong.getKey().equals("headers") ? "Host" : wrong.getKey());
        }
    }

    private ModelSession load(RemoteDriver driver) throws IOException, InferenceException {
        return load(driver, FileModel.write(folder, "m.onnx", "onnx", new byte[] {1}));
    }

    private static ModelSession load(RemoteDriver driver, ModelFile model) throws InferenceException {
        return driver.load(model, driver.accelerators().get(0), LoadOptions.DEFAULT);
    }

    private FileModel manifest(TensorSpec input, TensorSpec output) throws IOException {
        FileModel model = FileModel.write(folder, "m.onnx", "onnx", new byte[] {1});
        ModelManifest m = model.manifest();
        return new FileModel(
                new ModelManifest(
                        m.id(),
                        m.format(),
                        m.file(),
                        m.digest(),
                        m.sizeBytes(),
                        List.of(input),
                        List.of(output),
                        Map.of(),
                        Map.of()),
                model.path());
    }

    private static TensorSpec spec(String name, long dim) {
        return new TensorSpec(name, ElementType.FLOAT32, List.of(dim));
    }

    private static void run(Slot slot, Deadline deadline) throws InferenceException {
        var value = TestTensors.pattern(ElementType.FLOAT32, List.of(2L), 5);
        slot.write("x", value);
        slot.run(deadline);
        assertThat(slot.output("y")).isEqualTo(value);
    }

    private static void assertFails(
            Reason reason, org.assertj.core.api.ThrowableAssert.ThrowingCallable call, String... words) {
        assertThatExceptionOfType(InferenceException.class)
                .isThrownBy(call)
                .withMessageContainingAll(words)
                .satisfies(e -> assertThat(e.reason()).as(e.getMessage()).isEqualTo(reason));
    }
}
