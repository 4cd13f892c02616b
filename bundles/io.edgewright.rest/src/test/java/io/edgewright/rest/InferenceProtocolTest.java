// SPDX-License-Identifier: Apache-2.0
package io.edgewright.rest;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.edgewright.api.accelerator.InferenceException.Reason;
import io.edgewright.api.tensor.ElementType;
import io.edgewright.api.tensor.TensorSpec;
import io.edgewright.testkit.IdentityPredictor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

final class InferenceProtocolTest {

    private static final String FP32 = "/v2/models/identity_fp32/infer";

    @TempDir
    static Path home;

    private static RestTestServer server;
    private static Client client;

    @BeforeAll
    static void start() throws IOException {
        server = new RestTestServer(home, Map.of("anonymous.role", "viewer", "anonymous.requests.per.second", 0), 0);
        server.gateway.store(
                "pair",
                "2.1.0",
                List.of(
                        new TensorSpec("a", ElementType.FLOAT32, List.of(2L)),
                        new TensorSpec("b", ElementType.INT64, List.of(TensorSpec.DYNAMIC))),
                List.of(
                        new TensorSpec("p", ElementType.FLOAT32, List.of(2L)),
                        new TensorSpec("q", ElementType.INT64, List.of(TensorSpec.DYNAMIC))));
        server.gateway.create("io.edgewright.deployment", "pair", Map.of("model", "pair"));
        client = new Client(server.url());
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "bool   | [true,false,true,true]",
                "uint8  | [0,255,7,8]",
                "uint16 | [0,65535,7,8]",
                "uint32 | [0,4294967295,7,8]",
                "uint64 | [0,18446744073709551615,9223372036854775808,8]",
                "int8   | [-128,127,7,8]",
                "int16  | [-32768,32767,7,8]",
                "int32  | [-2147483648,2147483647,7,8]",
                "int64  | [-9223372036854775808,9223372036854775807,7,8]",
                "fp16   | [0.5,-65504.0,\"NaN\",\"-Infinity\"]",
                "fp32   | [0.1,-3.4028235E38,\"NaN\",\"Infinity\"]",
                "fp64   | [0.1,-1.7976931348623157E308,\"NaN\",\"Infinity\"]",
                "bytes  | [\"\",\"Grüße\",\"a\\\"b\\n\",\"x\"]",
            })
    void answersEveryTypeInJsonAsItCame(String name, String data) throws Exception {
        String type = name.toUpperCase(java.util.Locale.ROOT);
        String body = "{\"id\":\"7\",\"inputs\":[{\"name\":\"x\",\"shape\":[2,2],\"datatype\":\"" + type
                + "\",\"data\":" + data + "}]}";
        Client.Reply reply = client.post("/v2/models/identity_" + name + "/infer", body);
        assertThat(reply.status()).as(reply.text()).isEqualTo(200);
        JsonObject json = reply.json();
        assertThat(json.get("id").getAsString()).isEqualTo("7");
        assertThat(json.get("model_name").getAsString()).isEqualTo("identity_" + name);
        assertThat(json.get("model_version").getAsString()).isEqualTo("1.0.0");
        JsonObject output = json.getAsJsonArray("outputs").get(0).getAsJsonObject();
        assertThat(output.get("datatype").getAsString()).isEqualTo(type);
        assertThat(output.get("shape")).hasToString("[2,2]");
        assertThat(output.get("data")).isEqualTo(JsonParser.parseString(data));
    }

    @ParameterizedTest
    @EnumSource(ElementType.class)
    void answersEveryTypeInBinaryAsItCame(ElementType type) throws Exception {
        byte[] data = type == ElementType.STRING
                ? strings("", "Grüße", "c")
                : Arrays.copyOf(new byte[] {1, 0, 1, 1, 0, 1}, 3 * type.bytes());
        String name = type.protocolName();
        String json = "{\"parameters\":{\"binary_data_output\":true},\"inputs\":[{\"name\":\"x\",\"shape\":[3,1],"
                + "\"datatype\":\"" + name + "\",\"parameters\":{\"binary_data_size\":" + data.length + "}}]}";
        Client.Reply reply = binary("/v2/models/identity_" + name.toLowerCase(java.util.Locale.ROOT), json, data);
        assertThat(reply.status()).as(reply.text()).isEqualTo(200);
        int length = Integer.parseInt(reply.header("Inference-Header-Content-Length"));
        JsonObject output = JsonParser.parseString(reply.text().substring(0, length))
                .getAsJsonObject()
                .getAsJsonArray("outputs")
                .get(0)
                .getAsJsonObject();
        assertThat(output.getAsJsonObject("parameters").get("binary_data_size").getAsInt())
                .isEqualTo(data.length);
        assertThat(Arrays.copyOfRange(reply.body(), length, reply.body().length))
                .isEqualTo(data);
    }

    @Test
    void takesMembersInAnyOrderAndNestedData() throws Exception {
        String body = "{\"outputs\":[{\"name\":\"y\"}],\"inputs\":[{\"data\":[[1,2],[3.5,-4e0]],"
                + "\"datatype\":\"FP32\",\"name\":\"x\",\"shape\":[2,2]}]}";
        assertThat(data(client.post(FP32, body))).hasToString("[1.0,2.0,3.5,-4.0]");
    }

    @Test
    void mixesJsonAndBinaryTensors() throws Exception {
        String json = "{\"inputs\":[{\"name\":\"b\",\"shape\":[1],\"datatype\":\"INT64\",\"data\":[9]},"
                + "{\"name\":\"a\",\"shape\":[2],\"datatype\":\"FP32\",\"parameters\":{\"binary_data_size\":8}}],"
                + "\"outputs\":[{\"name\":\"q\",\"parameters\":{\"binary_data\":true}},{\"name\":\"p\"}]}";
        byte[] floats = ByteBuffer.allocate(8)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putFloat(1.5f)
                .putFloat(2)
                .array();
        Client.Reply reply = binary("/v2/models/pair/versions/2.1.0", json, floats);
        assertThat(reply.status()).as(reply.text()).isEqualTo(200);
        int length = Integer.parseInt(reply.header("Inference-Header-Content-Length"));
        JsonArray outputs = JsonParser.parseString(reply.text().substring(0, length))
                .getAsJsonObject()
                .getAsJsonArray("outputs");
        assertThat(outputs.get(0).getAsJsonObject().get("name").getAsString()).isEqualTo("q");
        assertThat(outputs.get(1).getAsJsonObject().get("data")).hasToString("[1.5,2.0]");
        assertThat(reply.body()).endsWith(9, 0, 0, 0, 0, 0, 0, 0);
    }

    @Test
    void fillsTheInputsAgainWhenTheRuntimeAsks() throws Exception {
        server.gateway.predictor("identity_uint8").runs(2);
        String json = "{\"inputs\":[{\"name\":\"x\",\"shape\":[1,3],\"datatype\":\"UINT8\","
                + "\"parameters\":{\"binary_data_size\":3}}]}";
        assertThat(data(binary("/v2/models/identity_uint8", json, new byte[] {5, 6, 7})))
                .hasToString("[5,6,7]");
    }

    @Test
    void namesTheHighestClasses() throws Exception {
        String body = "{\"inputs\":[{\"name\":\"x\",\"shape\":[2,4],\"datatype\":\"FP32\",\"data\":"
                + "[1.1,3.3,0.5,2.4, 9,1,1,2]}],\"outputs\":[{\"name\":\"y\",\"parameters\":{\"classification\":2}}]}";
        assertThat(data(client.post(FP32, body))).hasToString("[\"3.3:1:dog\",\"2.4:3\",\"9.0:0:cat\",\"2.0:3\"]");
    }

    @Test
    void passesTimeoutAndPriorityOn() throws Exception {
        assertThat(client.post(FP32, request("\"parameters\":{\"timeout\":1500,\"priority\":1},"))
                        .status())
                .isEqualTo(200);
        var options = server.gateway.predictor("identity_fp32").lastOptions();
        assertThat(options.timeout()).isEqualTo(Duration.ofNanos(1_500_000));
        assertThat(options.priority()).isEqualTo(100);
    }

    @Test
    void takesCompressedRequests() throws Exception {
        byte[] body = request("").getBytes(StandardCharsets.UTF_8);
        var gzip = new ByteArrayOutputStream();
        try (var out = new GZIPOutputStream(gzip)) {
            out.write(body);
        }
        var deflate = new ByteArrayOutputStream();
        try (var out = new DeflaterOutputStream(deflate)) {
            out.write(body);
        }
        Client zipped = client.with("Content-Encoding", "gzip");
        assertThat(zipped.send("POST", FP32, gzip.toByteArray()).status()).isEqualTo(200);
        assertThat(client.with("Content-Encoding", "deflate")
                        .send("POST", FP32, deflate.toByteArray())
                        .status())
                .isEqualTo(200);
        assertThat(zipped.send("POST", FP32, body).status()).isEqualTo(400);
        assertThat(client.with("Content-Encoding", "br")
                        .send("POST", FP32, body)
                        .status())
                .isEqualTo(415);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{                                                      | not JSON: End of input at line 1",
                "{\"inputs\":[NaN]}                                     | not JSON: malformed at line 1 column",
                "[]                                                     | another form",
                "{\"inputs\":[]}                                        | input 'x' FP32 [-1, -1] is missing",
                "{\"inputs\":[{\"name\":\"z\"}]}                        | no input 'z', it has x",
                "{\"inputs\":[{\"name\":\"x\"}]}                        | has no datatype",
                "{\"inputs\":[{\"name\":\"x\",\"datatype\":\"FP9\"}]}   | datatype 'FP9' is unknown",
                "{\"inputs\":[{\"name\":\"x\",\"datatype\":\"FP32\"}]}  | has no shape",
                "{\"inputs\":[{\"name\":\"x\",\"datatype\":\"INT8\",\"shape\":[1,1],\"data\":[1]}]}     | expected FP32",
                "{\"inputs\":[{\"name\":\"x\",\"datatype\":\"FP32\",\"shape\":[1],\"data\":[1]}]}       | expected FP32 [-1, -1]",
                "{\"inputs\":[{\"name\":\"x\",\"datatype\":\"FP32\",\"shape\":[1,2],\"data\":[1]}]}     | takes 2 elements, found 1",
                "{\"inputs\":[{\"name\":\"x\",\"datatype\":\"FP32\",\"shape\":[1,1],\"data\":[\"a\"]}]} | is no FP32",
                "{\"inputs\":[{\"name\":\"x\",\"datatype\":\"FP32\",\"shape\":[1,1],\"data\":[1e40]}]}  | is no FP32",
                "{\"inputs\":[{\"name\":\"x\",\"datatype\":\"FP32\",\"shape\":[1,1],\"data\":[null]}]}  | data has a NULL",
                "{\"inputs\":[{\"name\":\"x\",\"datatype\":\"FP32\",\"shape\":[1,1]}]}                  | neither data nor",
                "{\"inputs\":[{\"name\":\"x\",\"datatype\":\"FP32\",\"shape\":[9223372036854775807,9],\"data\":[1]}]} | too many elements",
                "{\"inputs\":[{\"name\":\"x\",\"datatype\":\"FP32\",\"shape\":[1,1],\"parameters\":{\"binary_data_size\":4}}]} | Inference-Header-Content-Length is missing",
                "{\"parameters\":{\"sequence_id\":5}}                   | sequences are not supported",
                "{\"inputs\":[{\"name\":\"x\",\"parameters\":{\"shared_memory_region\":\"r\"}}]}        | shared memory is not supported",
                "{\"inputs\":[{\"name\":\"x\",\"datatype\":\"FP32\",\"shape\":[1,1],\"data\":[1]}],\"outputs\":[{\"name\":\"w\"}]} | no output 'w', it has y",
                "{\"inputs\":[{\"name\":\"x\",\"datatype\":\"UINT8\",\"shape\":[1,1],\"data\":[1],\"datatype\":\"FP32\"}]} | a datatype twice",
                "{\"inputs\":[{\"name\":\"x\",\"parameters\":{\"binary_data_size\":9223372036854775807}}]} | expected 0 to 2147483647",
            })
    void saysWhatWasExpectedAndFound(String body, String message) throws Exception {
        Client.Reply reply = client.post(FP32, body);
        assertThat(reply.status()).as(reply.text()).isEqualTo(400);
        assertThat(reply.json().get("error").getAsString()).contains(message);
    }

    @Test
    void saysThatARequestIsNotUtf8() throws Exception {
        Client.Reply reply = client.send("POST", FP32, new byte[] {'{', '"', (byte) 0xff, '"', '}'});
        assertThat(reply.status()).isEqualTo(400);
        assertThat(reply.text()).contains("it is not UTF-8");
    }

    @ParameterizedTest
    @CsvSource({
        "int8,128",
        "uint8,-1",
        "int64,9223372036854775808",
        "uint64,18446744073709551616",
        "int32,1.5",
        "int32,1e999999999",
        "uint16,1e-999999999",
        "bool,2",
        "fp16,65520"
    })
    void refusesNumbersThatDoNotFitTheType(String type, String number) throws Exception {
        String body = "{\"inputs\":[{\"name\":\"x\",\"datatype\":\"" + type.toUpperCase(java.util.Locale.ROOT)
                + "\",\"shape\":[1,1],\"data\":[" + number + "]}]}";
        Client.Reply reply = client.post("/v2/models/identity_" + type + "/infer", body);
        assertThat(reply.status()).as(reply.text()).isEqualTo(400);
        assertThat(reply.text()).contains("is " + number);
    }

    @Test
    void refusesBinaryDataOfAnotherLength() throws Exception {
        String json = "{\"inputs\":[{\"name\":\"x\",\"shape\":[1,2],\"datatype\":\"FP32\","
                + "\"parameters\":{\"binary_data_size\":8}}]}";
        String model = "/v2/models/identity_fp32";
        assertThat(binary(model, json, new byte[7]).text()).contains("only 7 follow");
        assertThat(binary(model, json, new byte[9]).text()).contains("more follow");
        assertThat(binary(model, json.replace("size\":8", "size\":12"), new byte[12])
                        .text())
                .contains("takes 8 bytes, binary_data_size is 12");
        String text = json.replace("FP32", "BYTES");
        assertThat(binary(
                                "/v2/models/identity_bytes",
                                text,
                                strings("a", "b").length == 10 ? new byte[] {9, 0, 0, 0, 1, 1, 1, 1} : new byte[0])
                        .text())
                .contains("element 0 of 2 runs over the end");
    }

    @ParameterizedTest
    @CsvSource({
        "INPUT_MISMATCH,400",
        "EXECUTION_FAILED,422",
        "QUEUE_FULL,503",
        "NOT_READY,503",
        "DEVICE_UNAVAILABLE,503",
        "DEADLINE_EXCEEDED,504"
    })
    void answersEachReasonWithItsStatus(Reason reason, int status) throws Exception {
        IdentityPredictor predictor = server.gateway.predictor("identity_int16");
        predictor.fail(Optional.of(reason));
        try {
            String body = "{\"inputs\":[{\"name\":\"x\",\"shape\":[1,1],\"datatype\":\"INT16\",\"data\":[1]}]}";
            Client.Reply reply = client.post("/v2/models/identity_int16/infer", body);
            assertThat(reply.status()).isEqualTo(status);
            assertThat(reply.json().get("reason").getAsString()).isEqualTo(reason.name());
            assertThat(reply.header("Retry-After")).isEqualTo(status == 503 ? "1" : "");
            assertThat(client.get("/v2/models/identity_int16/ready").status())
                    .isEqualTo(reason == Reason.NOT_READY ? 400 : 200);
        } finally {
            predictor.fail(Optional.empty());
        }
    }

    @Test
    void describesItselfAndItsModels() throws Exception {
        assertThat(client.get("/v2").json().get("name").getAsString()).isEqualTo("edgewright");
        JsonObject model = client.get("/v2/models/pair").json();
        assertThat(model.get("versions")).hasToString("[\"2.1.0\"]");
        assertThat(model.get("inputs"))
                .hasToString("[{\"name\":\"a\",\"datatype\":\"FP32\",\"shape\":[2]},"
                        + "{\"name\":\"b\",\"datatype\":\"INT64\",\"shape\":[-1]}]");
        assertThat(client.get("/v2/models/nothing").status()).isEqualTo(404);
        assertThat(client.get("/v2/models/pair/versions/9").status()).isEqualTo(404);
        assertThat(client.get("/v2/models/pair/stats").text()).contains("\"inference_count\":2");
        assertThat(client.get("/v2/models/stats").status()).isEqualTo(200);
        assertThat(client.get("/v2/health/live").status()).isEqualTo(200);
        assertThat(client.get("/v2/health/ready").status()).isEqualTo(200);
        assertThat(client.post("/v2/repository/index", "{\"ready\":true}").text())
                .contains("{\"name\":\"pair\",\"version\":\"2.1.0\",\"state\":\"READY\",\"reason\":\"\"}");
    }

    @Test
    void loadsAndUnloadsModels() throws Exception {
        Client operator = client.with("Authorization", "Bearer " + server.localToken());
        server.gateway.store("late", "1", List.of(), List.of());
        assertThat(client.post("/v2/repository/index", "").text())
                .contains("\"late\",\"version\":\"1\",\"state\":\"UNAVAIL");
        assertThat(operator.post(
                                "/v2/repository/models/late/load",
                                "{\"parameters\":{\"version\":\"1\",\"accelerators\":\"npu, cpu\"}}")
                        .status())
                .isEqualTo(200);
        var values = server.gateway.list("io.edgewright.deployment").stream()
                .filter(e -> e.name().equals("late"))
                .findFirst()
                .orElseThrow()
                .values();
        assertThat(values).containsEntry("version", "1").containsEntry("model", "late");
        assertThat((String[]) values.get("accelerators")).containsExactly("npu", "cpu");
        assertThat(client.get("/v2/models/late/ready").status()).isEqualTo(200);
        assertThat(operator.post("/v2/repository/models/late/unload", "").status())
                .isEqualTo(200);
        assertThat(client.get("/v2/models/late/ready").status()).isEqualTo(404);
        assertThat(operator.post("/v2/repository/models/nothing/load", "").status())
                .isEqualTo(404);
        assertThat(operator.post("/v2/repository/models/late/load", "{\"parameters\":{\"config\":\"{}\"}}")
                        .text())
                .contains("'config' is unknown");
    }

    private static String request(String parameters) {
        return "{" + parameters + "\"inputs\":[{\"name\":\"x\",\"shape\":[1,2],\"datatype\":\"FP32\",\"data\":[1,2]}]}";
    }

    private static JsonArray data(Client.Reply reply) {
        assertThat(reply.status()).as(reply.text()).isEqualTo(200);
        return reply.json().getAsJsonArray("outputs").get(0).getAsJsonObject().getAsJsonArray("data");
    }

    private static Client.Reply binary(String model, String json, byte[] data) throws Exception {
        byte[] head = json.getBytes(StandardCharsets.UTF_8);
        byte[] body = Arrays.copyOf(head, head.length + data.length);
        System.arraycopy(data, 0, body, head.length, data.length);
        return client.with("Inference-Header-Content-Length", Integer.toString(head.length))
                .send("POST", model + "/infer", body);
    }

    private static byte[] strings(String... values) {
        var buffer = ByteBuffer.allocate(1000).order(ByteOrder.LITTLE_ENDIAN);
        for (String value : values) {
            byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
            buffer.putInt(bytes.length).put(bytes);
        }
        return Arrays.copyOf(buffer.array(), buffer.position());
    }
}
