// SPDX-License-Identifier: Apache-2.0
package io.edgewright.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.edgewright.api.tensor.Npy;
import io.edgewright.api.tensor.Tensor;
import io.edgewright.gateway.Packaged.Ended;
import io.edgewright.testkit.TestModels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The way of a user from an empty folder to answers. */
final class GatewayIT {

    @TempDir
    Path dir;

    @Test
    void servesAModelFromTheCommandLineAndKeepsItOverAKill() throws Exception {
        Path model = Files.write(dir.resolve("adder.onnx"), TestModels.add(2, List.of(1L, 3L)));
        Path home = dir.resolve("home");
        String at = home.toString();
        try (var gateway = RunningGateway.start(home)) {
            gateway.awaitLog("Ready after");
            succeeds("models", "add", model.toString(), "--version", "1.2.0", "--home", at);
            succeeds("deployments", "set", "adder", "model=adder", "version=latest", "--home", at);
            awaitServing(at, "adder", "1.2.0");
            assertThat(succeeds("status", "--home", at).out()).contains("adder", "SERVING", "1.2.0");
            assertThat(succeeds("accelerators", "--json", "--home", at).out()).contains("\"id\": \"cpu\"");

            Ended second = Packaged.run("start", "--home", at, "--port", "0");
            assertThat(second.code()).as(second.err()).isEqualTo(4);
            gateway.kill();
        }
        try (var gateway = RunningGateway.start(home)) {
            gateway.awaitLog("Ready after");
            awaitServing(at, "adder", "1.2.0");
            succeeds("deployments", "remove", "adder", "--home", at);
            succeeds("models", "remove", "adder", "1.2.0", "--home", at);
            assertThat(gateway.terminate()).isZero();
        }
        assertThat(Packaged.run("status", "--home", at).code()).isEqualTo(3);
        assertThat(home.resolve("run/gateway.json")).doesNotExist();
    }

    @Test
    void followsBundlesDroppedIntoItsHome() throws Exception {
        Path home = dir.resolve("home");
        try (var gateway = RunningGateway.start(home, "--features", "core")) {
            gateway.awaitLog("Running without HTTP");
            Path jar = home.resolve("bundles/driver.jar");
            writeBundle(jar, "1.0.0");
            gateway.awaitLog("Installed com.example.driver 1.0.0");
            writeBundle(jar, "1.1.0");
            gateway.awaitLog("Updated com.example.driver to 1.1.0");
            Files.writeString(home.resolve("bundles/not-a.jar"), "no jar");
            gateway.awaitLog("not-a.jar was not installed");
            assertThat(gateway.terminate()).isZero();
        }
        try (var gateway = RunningGateway.start(home, "--features", "core")) {
            gateway.awaitLog("Installed com.example.driver 1.1.0");
            Files.delete(home.resolve("bundles/driver.jar"));
            gateway.awaitLog("Uninstalled com.example.driver");
        }
    }

    @Test
    void runsAModelFileWithoutAGateway() throws Exception {
        Path model = Files.write(dir.resolve("adder.onnx"), TestModels.add(2, List.of(1L, 3L)));
        Path input = dir.resolve("x.npy");
        Npy.write(input, Tensor.ofFloats(List.of(1L, 3L), 1, 2, 3));

        Ended ended = succeeds(
                "infer",
                model.toString(),
                input.toString(),
                "--out",
                dir.resolve("out").toString());

        assertThat(ended.err()).isEmpty();
        assertThat(Npy.read(dir.resolve("out/x.y.npy"), 1000).toFloats()).containsExactly(3, 4, 5);
    }

    @Test
    void servesAModelWhileItPreparesTheArchiveOfClasses() throws Exception {
        Ended ended = succeeds("train");

        assertThat(ended.err()).contains("deployment training: is SERVING").doesNotContain(" ERROR ");
        assertThat(ended.out()).contains("added training:1.0.0");
    }

    @Test
    void measuresAModelFile() throws Exception {
        Path model = Files.write(dir.resolve("net.onnx"), TestModels.signalNet(1, 256));

        JsonObject json = JsonParser.parseString(
                        succeeds("bench", model.toString(), "--seconds", "1", "--clients", "2", "--json")
                                .out())
                .getAsJsonObject();

        assertThat(json.get("calls").getAsLong()).isPositive();
        assertThat(json.get("p50Millis").getAsDouble())
                .isPositive()
                .isLessThanOrEqualTo(json.get("p99Millis").getAsDouble());
    }

    @Test
    void comparesTheDevicesThatTakeAModel() throws Exception {
        Path model = Files.write(dir.resolve("adder.onnx"), TestModels.add(2, List.of(1L, 3L)));

        JsonObject json = compares(model, "device.id=sim:slow run.micros=20000");

        JsonArray measured = json.getAsJsonArray("devices");
        assertThat(measured).extracting(one -> text(one, "accelerator")).containsExactly("cpu", "sim:slow");
        JsonObject slow = measured.get(1).getAsJsonObject();
        assertThat(slow.get("p50Millis").getAsDouble()).isGreaterThanOrEqualTo(20);
        assertThat(slow.get("p50RatioToFirst").getAsDouble()).isGreaterThan(1);
        assertThat(json.getAsJsonArray("notMeasured"))
                .anySatisfy(one -> assertThat(text(one, "accelerator")).isEqualTo("litert:cpu"));
    }

    @Test
    void measuresNoDeviceInTheNameOfAnother() throws Exception {
        Path model =
                Files.write(dir.resolve("net.onnx"), TestModels.signalNet(1, 256)); // more than the simulated one takes

        JsonObject json = compares(model, "device.id=CPU"); // which is also the kind of the processor

        assertThat(json.getAsJsonArray("devices"))
                .extracting(one -> text(one, "accelerator"))
                .containsExactly("cpu");
        assertThat(json.getAsJsonArray("notMeasured"))
                .filteredOn(one -> text(one, "accelerator").equals("CPU"))
                .extracting(one -> text(one, "reason"))
                .singleElement()
                .asString()
                .contains("the model went to cpu");
    }

    private static JsonObject compares(Path model, String simulated) throws IOException, InterruptedException {
        String device = "io.edgewright.accelerator.sim~one " + simulated;
        String out = succeeds(
                        "bench",
                        model.toString(),
                        "--seconds",
                        "1",
                        "--accelerator",
                        "all",
                        "--features",
                        "sim,litert",
                        "--device",
                        device,
                        "--json")
                .out();
        return JsonParser.parseString(out).getAsJsonObject();
    }

    private static String text(JsonElement json, String key) {
        return json.getAsJsonObject().get(key).getAsString();
    }

    @Test
    void saysWhatIsWrongWithWhatItIsGiven() throws Exception {
        Path broken = Files.writeString(dir.resolve("broken.onnx"), "no model");
        Path model = Files.write(dir.resolve("adder.onnx"), TestModels.add(2, List.of(1L, 3L)));
        Path input = dir.resolve("x.npy");
        Npy.write(input, Tensor.ofFloats(List.of(1L, 2L), 1, 2));

        Ended unreadable = Packaged.run("infer", broken.toString(), input.toString());
        Ended unfit = Packaged.run("infer", model.toString(), input.toString());
        Ended absent = Packaged.run("infer", model.toString(), "absent.jpg");

        assertThat(unreadable.code()).isEqualTo(1);
        assertThat(unreadable.err()).contains("broken.onnx").doesNotContain("\tat ");
        assertThat(unfit.code()).isEqualTo(2);
        assertThat(unfit.err()).contains("x.npy", "[1, 2]", "[1, 3]");
        assertThat(absent.code()).isEqualTo(2);
        assertThat(absent.err()).contains("'absent.jpg' is not a file");
    }

    private static void awaitServing(String home, String deployment, String version) throws Exception {
        long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
        String last = "";
        while (System.nanoTime() < end) {
            last = succeeds("deployments", "list", "--json", "--home", home).out();
            for (var element : JsonParser.parseString(last).getAsJsonObject().getAsJsonArray("deployments")) {
                JsonObject one = element.getAsJsonObject();
                if (one.get("name").getAsString().equals(deployment)
                        && one.get("state").getAsString().equals("SERVING")
                        && one.getAsJsonArray("served").toString().contains("\"version\":\"" + version + "\"")) {
                    return;
                }
            }
            LockSupport.parkNanos(Duration.ofMillis(200).toNanos());
        }
        throw new AssertionError(deployment + " does not serve " + version + ", found " + last);
    }

    private static Ended succeeds(String... words) throws IOException, InterruptedException {
        Ended ended = Packaged.run(words);
        assertThat(ended.code())
                .as(String.join(" ", words) + ": " + ended.err())
                .isZero();
        return ended;
    }

    private static void writeBundle(Path target, String version) throws IOException {
        var manifest = new Manifest();
        Attributes main = manifest.getMainAttributes();
        main.put(Attributes.Name.MANIFEST_VERSION, "1.0");
        main.putValue("Bundle-ManifestVersion", "2");
        main.putValue("Bundle-SymbolicName", "com.example.driver");
        main.putValue("Bundle-Version", version);
        Path temporary = target.resolveSibling("driver.part");
        new JarOutputStream(Files.newOutputStream(temporary), manifest).close();
        Files.move(temporary, target, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    }
}
