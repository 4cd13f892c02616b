// SPDX-License-Identifier: Apache-2.0
package io.edgewright.it.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.edgewright.api.tensor.ElementType;
import io.edgewright.api.tensor.Tensor;
import io.edgewright.api.tensor.TensorSpec;
import io.edgewright.testkit.OnnxWriter;
import io.edgewright.testkit.TestModels;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever is sent, the answer says what was expected and found, nothing is half-written, and the old version serves. */
class BadInputIT {

    private static final byte[] GOOD = TestModels.add(1, List.of(1L, 4L));

    @TempDir
    static Path folder;

    private static GatewayProcess gateway;

    @BeforeAll
    static void start() throws IOException {
        gateway = GatewayProcess.start(folder.resolve("home"));
        gateway.add("good", "1.0.0", GOOD);
        gateway.deploy("good", "{\"model\":\"good\"}");
        awaitState("good", "SERVING");
    }

    @AfterAll
    static void stop() {
        gateway.close();
    }

    @Test
    void aFileThatIsNoModel() throws IOException {
        assertRefused("junk.onnx", "this is no model".getBytes(StandardCharsets.UTF_8), 400, "ONNX");
    }

    @Test
    void aTruncatedModel() throws IOException {
        byte[] model = TestModels.perceptron(1, 1, 64, 64, 64);
        assertRefused("cut.onnx", Arrays.copyOf(model, model.length / 2), 400, "");
    }

    @Test
    void externalDataOutsideItsFolder() throws IOException {
        byte[] model = new OnnxWriter(17)
                .input(new TensorSpec("x", ElementType.FLOAT32, List.of(4L)))
                .output(new TensorSpec("y", ElementType.FLOAT32, List.of(4L)))
                .externalInitializer("w", new TensorSpec("w", ElementType.FLOAT32, List.of(4L)), "../../etc/passwd")
                .node("Add", List.of("x", "w"), List.of("y"), Map.of())
                .toBytes();
        assertRefused("outside.onnx", model, 400, "../../etc/passwd");
    }

    @Test
    void aZipThatEscapes() throws IOException {
        var bytes = new ByteArrayOutputStream();
        try (var zip = new ZipOutputStream(bytes)) {
            zip.putNextEntry(new ZipEntry("../evil.onnx"));
            zip.write(GOOD);
        }
        assertRefused("escape.zip", bytes.toByteArray(), 400, "../evil.onnx");
        assertThat(folder.resolve("evil.onnx")).doesNotExist();
    }

    @Test
    void aManifestWithAWrongDigest() throws IOException {
        HttpResponse<String> response = gateway.send(
                "POST",
                "/api/v1/models?file=m.onnx&name=digest&version=1.0.0&sha256=" + "0".repeat(64),
                BodyPublishers.ofByteArray(GOOD));
        assertThat(response.statusCode()).as(response.body()).isBetween(400, 499);
        assertThat(error(response)).contains("0".repeat(64));
        assertUnchanged("digest");
    }

    @Test
    void anUploadOfTenGigabytesIsRefusedBeforeItIsSent() throws IOException {
        try (var socket = new Socket("127.0.0.1", gateway.url().getPort())) {
            socket.setSoTimeout(30_000);
            OutputStream out = socket.getOutputStream();
            out.write(
                    ("POST /api/v1/models?file=huge.onnx&name=huge HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer "
                                    + gateway.token() + "\r\nContent-Length: 10737418240\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            out.flush();
            InputStream in = socket.getInputStream();
            assertThat(new String(in.readNBytes(12), StandardCharsets.US_ASCII)).isEqualTo("HTTP/1.1 413");
        }
        assertUnchanged("huge");
    }

    @Test
    void anUnknownOperatorFailsItsDeploymentAndNothingElse() throws IOException {
        byte[] model = new OnnxWriter(17)
                .input(new TensorSpec("x", ElementType.FLOAT32, List.of(4L)))
                .output(new TensorSpec("y", ElementType.FLOAT32, List.of(4L)))
                .node("Frobnicate", List.of("x"), List.of("y"), Map.of())
                .toBytes();
        assertDeploymentSays("frob", model, "Frobnicate");
    }

    @Test
    void aNewerOpsetFailsItsDeploymentAndNothingElse() throws IOException {
        byte[] model = new OnnxWriter(99)
                .input(new TensorSpec("x", ElementType.FLOAT32, List.of(4L)))
                .output(new TensorSpec("y", ElementType.FLOAT32, List.of(4L)))
                .initializer("c", Tensor.ofFloats(List.of(), 1))
                .node("Add", List.of("x", "c"), List.of("y"), Map.of())
                .toBytes();
        assertDeploymentSays("opset", model, "99");
    }

    @Test
    void aBadNewVersionLeavesTheOldOneServing() throws IOException {
        gateway.add("keep", "1.0.0", GOOD);
        gateway.deploy("keep", "{\"model\":\"keep\"}");
        awaitState("keep", "SERVING");
        byte[] bad = new OnnxWriter(17)
                .input(new TensorSpec("x", ElementType.FLOAT32, List.of(1L, 4L)))
                .output(new TensorSpec("y", ElementType.FLOAT32, List.of(1L, 4L)))
                .node("Frobnicate", List.of("x"), List.of("y"), Map.of())
                .toBytes();
        gateway.add("keep", "2.0.0", bad);
        awaitState("keep", "DEGRADED");
        assertAnswers("keep");
    }

    @Test
    void inputsOfWrongNameTypeOrShape() throws IOException {
        assertBadRequest(
                "{\"inputs\":[{\"name\":\"q\",\"shape\":[1,4],\"datatype\":\"FP32\",\"data\":[1,2,3,4]}]}", "q");
        assertBadRequest(
                "{\"inputs\":[{\"name\":\"x\",\"shape\":[1,4],\"datatype\":\"INT8\",\"data\":[1,2,3,4]}]}", "FP32");
        assertBadRequest(
                "{\"inputs\":[{\"name\":\"x\",\"shape\":[1,5],\"datatype\":\"FP32\",\"data\":[1,2,3,4,5]}]}", "5");
        assertBadRequest("{\"inputs\":[{\"name\":\"x\",\"shape\":[1,4],\"datatype\":\"FP32\",\"data\":[1,2]}]}", "");
        assertBadRequest("{\"inputs\":", "");
    }

    @Test
    void aDeploymentThatNamesAMissingModelOrDeviceSaysWhatToDo() throws IOException {
        gateway.deploy("nomodel", "{\"model\":\"missing\"}");
        assertThat(awaitState("nomodel", "FAILED").get("message").getAsString())
                .contains("missing")
                .contains("add it");
        gateway.deploy("nodevice", "{\"model\":\"good\",\"accelerators\":[\"warp-drive\"]}");
        JsonObject status = gateway.await("/api/v1/deployments/nodevice", s -> !"STARTING"
                .equals(s.get("state").getAsString()));
        assertThat(status.get("message").getAsString()).contains("warp-drive").contains("cpu");
    }

    private static void assertRefused(String file, byte[] content, int status, String message) throws IOException {
        String name = file.substring(0, file.indexOf('.'));
        HttpResponse<String> response = gateway.send(
                "POST", "/api/v1/models?file=" + file + "&name=" + name, BodyPublishers.ofByteArray(content));
        assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
        assertThat(error(response)).contains(message);
        assertUnchanged(name);
    }

    private static void assertDeploymentSays(String name, byte[] model, String message) throws IOException {
        gateway.add(name, "1.0.0", model);
        gateway.deploy(name, "{\"model\":\"" + name + "\"}");
        assertThat(awaitState(name, "FAILED").get("message").getAsString()).contains(message);
        assertAnswers("good");
    }

    private static void assertBadRequest(String body, String message) throws IOException {
        HttpResponse<String> response = gateway.send("POST", "/v2/models/good/infer", BodyPublishers.ofString(body));
        assertThat(response.statusCode()).as(response.body()).isEqualTo(400);
        assertThat(error(response)).contains(message);
        assertAnswers("good");
    }

    /** Nothing of that name is stored, nothing half-written lies about, and what served before serves. */
    private static void assertUnchanged(String name) throws IOException {
        assertThat(gateway.get("/api/v1/models").toString()).doesNotContain("\"name\":\"" + name + "\"");
        try (Stream<Path> files = Files.walk(folder.resolve("home/models"))) {
            assertThat(files.map(p -> p.getFileName().toString()).filter(n -> n.startsWith(".tmp-")))
                    .isEmpty();
        }
        assertAnswers("good");
    }

    private static void assertAnswers(String deployment) throws IOException {
        HttpResponse<String> response = gateway.send(
                "POST",
                "/v2/models/" + deployment + "/infer",
                BodyPublishers.ofString(
                        "{\"inputs\":[{\"name\":\"x\",\"shape\":[1,4],\"datatype\":\"FP32\",\"data\":[1,2,3,4]}]}"));
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        assertThat(response.body()).contains("[2.0,3.0,4.0,5.0]");
    }

    private static String error(HttpResponse<String> response) {
        return JsonParser.parseString(response.body())
                .getAsJsonObject()
                .get("error")
                .getAsString();
    }

    private static JsonObject awaitState(String deployment, String state) throws IOException {
        return gateway.await(
                "/api/v1/deployments/" + deployment,
                s -> state.equals(s.get("state").getAsString()));
    }
}
