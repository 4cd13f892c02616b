// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.remote;

import static org.assertj.core.api.Assertions.assertThat;

import io.edgewright.api.accelerator.Deadline;
import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.accelerator.InferenceException.Reason;
import io.edgewright.api.accelerator.LoadOptions;
import io.edgewright.api.accelerator.Slot;
import io.edgewright.api.tensor.ElementType;
import io.edgewright.api.tensor.TensorSpec;
import io.edgewright.testkit.FileModel;
import io.edgewright.testkit.TestTensors;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The contract over HTTP/2, where a server with TLS offers it. */
class Http2ContractTest extends RemoteContract {

    private static final List<Long> LARGE = List.of(500_000L);

    @TempDir
    static Path folder;

    private static TestKeys keys;

    private TestServer server;
    private JettyFront front;
    private RemoteDriver driver;

    @BeforeAll
    static void makeKeys() throws Exception {
        keys = TestKeys.make(folder, "jetty", "ip:127.0.0.1");
    }

    @BeforeEach
    void start() throws Exception {
        server = new TestServer();
        front = new JettyFront(server, keys, true);
        driver = Drivers.ready(front.url(), "tls.pin", keys.pin());
    }

    @AfterEach
    void stop() throws IOException {
        driver.stop();
        server.close();
        front.close();
    }

    @Override
    RemoteDriver remote() {
        return driver;
    }

    @Override
    void serve(String name, TensorSpec x, boolean slow) {
        server.models.put(
                name, new TestServer.Model(List.of(x), List.of(new TensorSpec("y", x.type(), x.shape())), slow));
    }

    @Test
    void takesWhatTheServerOffers() throws Exception {
        assertThat(driver.accelerators().get(0).properties()).containsEntry("protocol", "HTTP/2");
        runs(driver);
        assertThat(front.protocols).containsExactly("HTTP/2.0");
        RemoteDriver one = Drivers.ready(front.url(), "tls.pin", keys.pin(), "http", "1.1");
        runs(one);
        one.stop();
        assertThat(front.protocols).containsExactlyInAnyOrder("HTTP/2.0", "HTTP/1.1");
        try (var plain = new JettyFront(server, keys, false)) {
            RemoteDriver auto = Drivers.ready(
                    plain.url(), "tls.trust.file", keys.certificate().toString());
            assertThat(auto.accelerators().get(0).properties()).containsEntry("protocol", "HTTP/1.1");
            runs(auto);
            auto.stop();
            assertThat(plain.protocols).containsExactly("HTTP/1.1");
        }
    }

    @Test
    void endsAtTheDeadlineAndBoundsTheAnswer() throws Exception {
        server.identity("m", new TensorSpec("x", ElementType.FLOAT32, List.of(-1L)));
        serve("slow", new TensorSpec("x", ElementType.FLOAT32, List.of(2L)), true);
        RemoteDriver small = Drivers.ready(front.url(), "tls.pin", keys.pin(), "max.mib", 1);
        try (var session = small.load(model("slow"), small.accelerators().get(0), LoadOptions.DEFAULT);
                var slot = session.openSlot(Map.of())) {
            assertThat(failure(slot, Deadline.in(Duration.ofMillis(200))).reason())
                    .isEqualTo(Reason.DEADLINE_EXCEEDED);
        }
        try (var session = small.load(model("m"), small.accelerators().get(0), LoadOptions.DEFAULT);
                var slot = session.openSlot(Map.of("x", List.of(2L)))) {
            server.padding = 3 << 20;
            InferenceException e = failure(slot, Deadline.in(Duration.ofSeconds(30)));
            assertThat(e.reason()).isEqualTo(Reason.DEVICE_UNAVAILABLE);
            assertThat(e).hasMessageContaining("max.mib");
            server.padding = 0;
            slot.run(Deadline.in(Duration.ofSeconds(30)));
        }
        small.stop();
    }

    private void runs(RemoteDriver with) throws Exception {
        server.identity("large", new TensorSpec("x", ElementType.FLOAT32, LARGE));
        try (var session = with.load(model("large"), with.accelerators().get(0), LoadOptions.DEFAULT);
                var slot = session.openSlot(Map.of())) {
            for (int i = 0; i < 3; i++) {
                var value = TestTensors.pattern(ElementType.FLOAT32, LARGE, i);
                slot.write("x", value);
                slot.run(Deadline.in(Duration.ofSeconds(30)));
                assertThat(slot.output("y")).isEqualTo(value);
            }
        }
    }

    private static FileModel model(String name) throws IOException {
        return FileModel.write(folder, name + ".onnx", "onnx", new byte[] {1});
    }

    private static InferenceException failure(Slot slot, Deadline deadline) {
        try {
            slot.run(deadline);
        } catch (InferenceException e) {
            return e;
        }
        throw new AssertionError("the run did not fail");
    }
}
