// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.remote;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.edgewright.api.accelerator.Deadline;
import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.accelerator.InferenceException.Reason;
import io.edgewright.api.accelerator.LoadOptions;
import io.edgewright.api.accelerator.ModelSession;
import io.edgewright.api.accelerator.Slot;
import io.edgewright.api.tensor.ElementType;
import io.edgewright.api.tensor.TensorSpec;
import io.edgewright.testkit.FileModel;
import io.edgewright.testkit.TestTensors;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A server that lies, stalls or sends garbage: each its own error, within the deadline, and the slot goes on. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class BadServerTest {

    private static final String Y = "{\"name\":\"y\",\"datatype\":\"FP32\",\"shape\":[2,3],";
    private static final String DATA = "\"data\":[1,2,3,4,5,6]}";

    @TempDir
    Path folder;

    private TestServer server;
    private RemoteDriver driver;
    private ModelSession session;
    private Slot slot;

    @BeforeEach
    void start() throws Exception {
        server = new TestServer();
        server.identity("m", new TensorSpec("x", ElementType.FLOAT32, List.of(2L, 3L)));
        // each run on a connection of its own, as the server closes them
        driver = Drivers.ready(server.url(), "max.mib", 1, "check", "live", "idle.millis", 0);
        var model = FileModel.write(folder, "m.onnx", "onnx", new byte[] {1});
        session = driver.load(model, driver.accelerators().get(0), LoadOptions.DEFAULT);
        slot = session.openSlot(Map.of());
        slot.write("x", TestTensors.pattern(ElementType.FLOAT32, List.of(2L, 3L), 1));
    }

    @AfterEach
    void stop() throws IOException {
        slot.close();
        session.close();
        driver.stop();
        server.close();
    }

    @Test
    void namesTheShapeItWasToldInsteadOfTheRightOne() {
        json("{\"outputs\":[" + Y.replace("[2,3]", "[3,2]") + DATA + "]}");
        assertLost("'y'", "[3, 2]", "[2, 3]");
    }

    @Test
    void namesTheTypeItWasToldInsteadOfTheRightOne() {
        json("{\"outputs\":[" + Y.replace("FP32", "INT32") + DATA + "]}");
        assertLost("INT32", "FLOAT32");
        json("{\"outputs\":[" + Y.replace("FP32", "FP7") + DATA + "]}");
        assertLost("FP7", "FP16");
    }

    @Test
    void countsTheElements() {
        json("{\"outputs\":[" + Y + "\"data\":[1,2,3]}]}");
        assertLost("'y'", "12 bytes", "[2, 3]");
    }

    @Test
    void missesAnOutputAndSeesOneTwice() {
        json("{\"outputs\":[" + Y.replace("\"y\"", "\"z\"") + DATA + "]}");
        assertLost("'y'", "0 times", "[z]");
        json("{\"outputs\":[" + Y + DATA + "," + Y + DATA + "]}");
        assertLost("'y'", "2 times");
    }

    @Test
    void believesNoLengthOfBinaryData() {
        binary("{\"outputs\":[" + Y + "\"parameters\":{\"binary_data_size\":24}}]}", new byte[20]);
        assertLost("24", "20 bytes");
        binary("{\"outputs\":[" + Y + "\"parameters\":{\"binary_data_size\":2000000000}}]}", new byte[24]);
        assertLost("2000000000", "[2, 3]");
        binary("{\"outputs\":[" + Y + "\"parameters\":{\"binary_data_size\":24}}]}", new byte[30]);
        assertLost("6 bytes", "expected none");
        raw("HTTP/1.1 200 OK\r\nInference-Header-Content-Length: 99\r\nContent-Length: 2\r\n\r\n{}");
        assertLost("99", "2 bytes");
    }

    @Test
    void refusesWhatIsNoJson() {
        json("this is no answer");
        assertLost("JSON");
        json("{\"outputs\":[" + Y + "\"data\":[1,2,3,4,5,\"six\"]}]}");
        assertLost("six", "number");
        json("{\"outputs\":" + "[".repeat(100_000));
        assertLost("");
        json("{\"outputs\":[" + Y + DATA + "]} and more");
        assertLost("");
    }

    @Test
    void refusesWhatIsNoHttp() {
        raw("SSH-2.0-OpenSSH_9.6\r\n\r\n");
        assertLost("SSH-2.0", "HTTP/1.1 200 OK");
        raw("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}");
        assertLost("Content-Length", "2", "3");
        raw("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}");
        assertLost("Transfer-Encoding");
        raw("HTTP/1.1 200 OK\r\nContent-Length: minus two\r\n\r\n{}");
        assertLost("minus two");
        raw("HTTP/1.1 101 Switching\r\n\r\n");
        assertLost("101");
    }

    @Test
    void boundsHeadAndBody() {
        raw("HTTP/1.1 200 OK\r\nX: " + "a".repeat(20_000) + "\r\n\r\n");
        assertLost("8192");
        raw("HTTP/1.1 200 OK\r\n" + "X: aaaaaaaaaaaaaaaaaaaaaaaaaa\r\n".repeat(10_000) + "\r\n");
        assertLost("65536");
        raw("HTTP/1.1 200 OK\r\nContent-Length: 9999999999\r\n\r\n");
        assertLost("9999999999", "max.mib");
        endless("HTTP/1.1 200 OK\r\n\r\n", " ".repeat(1000));
        assertLost("max.mib");
        endless("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "3e8\r\n" + " ".repeat(1000) + "\r\n");
        assertLost("max.mib");
        endless("HTTP/1.1 200 OK\r\n", "X: y\r\n");
        assertLost("65536");
        endless("", "HTTP/1.1 100 Continue\r\n\r\n");
        assertLost("8 interim");
    }

    @Test
    void followsNoRedirectAndTakesNoCompression() {
        raw("HTTP/1.1 307 Temporary\r\nLocation: http://elsewhere/v2\r\nContent-Length: 0\r\n\r\n");
        assertLost("http://elsewhere/v2", "not followed");
        raw("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}");
        assertLost("gzip");
    }

    @Test
    void takesInterimAnswersAndChunks() throws Exception {
        String body = "{\"outputs\":[" + Y + DATA + "]}";
        raw("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                + "5;ext=1\r\n" + body.substring(0, 5) + "\r\n"
                + Integer.toHexString(body.length() - 5) + "\r\n" + body.substring(5) + "\r\n0\r\nTrailer: t\r\n\r\n");
        slot.run(Deadline.in(Duration.ofSeconds(20)));
        assertThat(slot.output("y").toFloats()).containsExactly(1, 2, 3, 4, 5, 6);
    }

    @Test
    void tellsAHalfAnswerFromNone() {
        raw("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"outputs\"");
        assertLost("within the answer", "90 bytes");
        raw("");
        assertLost("after the request was sent");
    }

    @Test
    void endsAtTheDeadlineWhenTheServerStalls() {
        server.fault = (asked, socket) -> {
            if (asked.path().endsWith("/infer")) {
                server.stall();
            }
            return false;
        };
        assertLate(Duration.ofMillis(300));
        // a byte now and then does not help
        server.fault = (asked, socket) -> {
            if (asked.path().endsWith("/infer")) {
                OutputStream out = socket.getOutputStream();
                for (char c : "HTTP/1.1 200 OK".repeat(10).toCharArray()) {
                    out.write(c);
                    Thread.sleep(20);
                }
            }
            return false;
        };
        assertLate(Duration.ofMillis(300));
    }

    @Test
    void givesAStalledServerUpWithoutADeadline() throws Exception {
        server.fault = (asked, socket) -> {
            if (asked.path().endsWith("/infer")) {
                server.stall();
            }
            return false;
        };
        RemoteDriver hasty = Drivers.ready(server.url(), "run.millis", 200, "check", "live", "name", "hasty");
        var model = FileModel.write(folder, "m.onnx", "onnx", new byte[] {1});
        try (var impatient = hasty.load(model, hasty.accelerators().get(0), LoadOptions.DEFAULT);
                var run = impatient.openSlot(Map.of())) {
            assertThatExceptionOfType(InferenceException.class)
                    .isThrownBy(() -> run.run(Deadline.NONE))
                    .withMessageContainingAll("run.millis", "200")
                    .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.DEVICE_UNAVAILABLE));
        } finally {
            hasty.stop();
        }
    }

    @Test
    void endsARunThatTheServerTakesNoBytesOf() throws Exception {
        server.identity("big", new TensorSpec("x", ElementType.FLOAT32, List.of(-1L)));
        RemoteDriver other = Drivers.ready(server.url(), "max.mib", 64, "check", "live", "name", "other");
        var model = FileModel.write(folder, "big.onnx", "onnx", new byte[] {1});
        try (var patient = other.load(model, other.accelerators().get(0), LoadOptions.DEFAULT);
                var run = patient.openSlot(Map.of("x", List.of(12_000_000L)))) {
            server.readsInferences = false;
            assertThat(failure(run, Deadline.in(Duration.ofMillis(500))).reason())
                    .isEqualTo(Reason.DEADLINE_EXCEEDED);
            var cut = CompletableFuture.supplyAsync(() -> failure(run, Deadline.NONE));
            while (!cut.isDone()) {
                run.cancel();
                Thread.onSpinWait();
            }
            assertThat(cut.get().reason()).isEqualTo(Reason.DEADLINE_EXCEEDED);
        } finally {
            other.stop();
        }
    }

    @Test
    void tellsTheStatuses() {
        status(401, Reason.DEVICE_UNAVAILABLE, "token");
        status(404, Reason.DEVICE_UNAVAILABLE, "404");
        status(500, Reason.DEVICE_UNAVAILABLE, "500");
        status(503, Reason.DEVICE_UNAVAILABLE, "busy");
        status(422, Reason.EXECUTION_FAILED, "the reason");
        status(413, Reason.EXECUTION_FAILED, "limit");
        status(504, Reason.DEADLINE_EXCEEDED, "504");
        status(400, Reason.EXECUTION_FAILED, "the reason"); // the model is still ready
        server.models.clear();
        status(400, Reason.DEVICE_UNAVAILABLE, "the reason"); // it was unloaded
    }

    private void status(int status, Reason reason, String text) {
        inference(out -> TestServer.send(out, status, "{\"error\":\"the reason\"}"));
        InferenceException e = failure(slot, Deadline.in(Duration.ofSeconds(20)));
        assertThat(e.reason()).as(e.getMessage()).isEqualTo(reason);
        assertThat(e).hasMessageContaining(text);
    }

    private interface Output {
        void write(OutputStream out) throws IOException;
    }

    /** Answers inferences that way and closes the connection after it. */
    private void inference(Output answer) {
        server.fault = (asked, socket) -> {
            if (!asked.path().endsWith("/infer")) {
                return false;
            }
            answer.write(socket.getOutputStream());
            socket.shutdownOutput();
            return true;
        };
    }

    private void json(String body) {
        inference(out -> TestServer.send(out, 200, body));
    }

    private void binary(String json, byte[] data) {
        byte[] text = json.getBytes(StandardCharsets.UTF_8);
        byte[] body = Arrays.copyOf(text, text.length + data.length);
        String header = "Inference-Header-Content-Length: " + text.length + "\r\n";
        inference(out -> TestServer.send(out, 200, header, body));
    }

    private void raw(String bytes) {
        inference(out -> out.write(bytes.getBytes(StandardCharsets.ISO_8859_1)));
    }

    private void endless(String first, String again) {
        inference(out -> {
            out.write(first.getBytes(StandardCharsets.ISO_8859_1));
            while (true) {
                out.write(again.getBytes(StandardCharsets.ISO_8859_1)); // until the client closes
            }
        });
    }

    /** A run fails so that the runtime moves on, and the next one works. */
    private void assertLost(String... words) {
        InferenceException e = failure(slot, Deadline.in(Duration.ofSeconds(20)));
        assertThat(e.reason()).as(e.getMessage()).isEqualTo(Reason.DEVICE_UNAVAILABLE);
        assertThat(e).hasMessageContainingAll(words);
        assertGoesOn();
    }

    private void assertLate(Duration limit) {
        long start = System.nanoTime();
        InferenceException e = failure(slot, Deadline.in(limit));
        assertThat(e.reason()).as(e.getMessage()).isEqualTo(Reason.DEADLINE_EXCEEDED);
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isBetween(limit, limit.plusSeconds(10));
        assertGoesOn();
    }

    private void assertGoesOn() {
        server.fault = (asked, socket) -> false;
        try {
            slot.run(Deadline.in(Duration.ofSeconds(20)));
        } catch (InferenceException e) {
            throw new AssertionError("the slot does not go on", e);
        }
        assertThat(slot.output("y")).isEqualTo(slot.input("x"));
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
