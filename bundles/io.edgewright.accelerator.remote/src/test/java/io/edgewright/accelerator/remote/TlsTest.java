// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.remote;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.edgewright.api.accelerator.Deadline;
import io.edgewright.api.accelerator.LoadOptions;
import io.edgewright.api.tensor.ElementType;
import io.edgewright.api.tensor.TensorSpec;
import io.edgewright.testkit.FileModel;
import io.edgewright.testkit.TestTensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Who is trusted over TLS, and who is not. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class TlsTest {

    private static final List<Long> LARGE = List.of(300_000L);

    @TempDir
    static Path folder;

    private static TestKeys keys;
    private static TestKeys others;
    private static TestKeys elsewhere;

    private TestServer server;

    @BeforeAll
    static void makeKeys() throws Exception {
        keys = TestKeys.make(folder, "server", "ip:127.0.0.1");
        others = TestKeys.make(folder, "others", "ip:127.0.0.1");
        elsewhere = TestKeys.make(folder, "elsewhere", "dns:elsewhere.example");
    }

    @BeforeEach
    void start() throws IOException {
        serve(keys);
    }

    @AfterEach
    void stop() throws IOException {
        server.close();
    }

    @Test
    void trustsTheIssuersOfTheFile() throws Exception {
        runs("tls.trust.file", keys.certificate().toString());
    }

    @Test
    void trustsThePinnedKey() throws Exception {
        runs("tls.pin", keys.pin());
        runs("tls.pin", keys.pin(), "tls.trust.file", keys.certificate().toString());
    }

    @Test
    void thePinnedKeyMayHaveAnyName() throws Exception {
        server.close();
        serve(elsewhere);
        runs("tls.pin", elsewhere.pin());
        refuses("127.0.0.1", "tls.trust.file", elsewhere.certificate().toString());
    }

    @Test
    void trustsNobodyElse() {
        refuses("check tls.trust.file");
        refuses("check tls.trust.file", "tls.trust.file", others.certificate().toString());
        refuses(keys.pin(), "tls.pin", others.pin());
        refuses(
                keys.pin(),
                "tls.pin",
                others.pin(),
                "tls.trust.file",
                keys.certificate().toString());
    }

    @Test
    void saysThatAServerSpeaksNoTls() throws IOException {
        server.close();
        server = new TestServer();
        refuses("TLS");
    }

    @Test
    void saysWhatIsWrongWithASetting() throws IOException {
        Path empty = Files.writeString(folder.resolve("empty.pem"), "nothing");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Drivers.start(url(), "tls.trust.file", empty.toString()))
                .withMessageContainingAll("empty.pem", "PEM");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Drivers.start(url(), "tls.trust.file", "/no/such/file"))
                .withMessageContaining("/no/such/file");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Drivers.start(url(), "tls.pin", "sha256/abc"))
                .withMessageContaining("tls.pin");
    }

    private void serve(TestKeys with) throws IOException {
        server = new TestServer(with.context().getServerSocketFactory());
        server.identity("m", new TensorSpec("x", ElementType.FLOAT32, LARGE));
    }

    private String url() {
        return "https://127.0.0.1:" + server.port();
    }

    private void runs(Object... settings) throws Exception {
        RemoteDriver driver = Drivers.ready(url(), settings);
        var model = FileModel.write(folder, "m.onnx", "onnx", new byte[] {1});
        try (var session = driver.load(model, driver.accelerators().get(0), LoadOptions.DEFAULT);
                var slot = session.openSlot(Map.of())) {
            for (int i = 0; i < 5; i++) {
                var value = TestTensors.pattern(ElementType.FLOAT32, LARGE, i);
                slot.write("x", value);
                slot.run(Deadline.NONE);
                assertThat(slot.output("y")).isEqualTo(value);
            }
        } finally {
            driver.stop();
        }
    }

    private void refuses(String text, Object... settings) {
        RemoteDriver driver = Drivers.start(url(), settings);
        Drivers.await(
                "a refusal that says '" + text + "', not '" + driver.unavailable() + "'",
                () -> driver.unavailable().orElse("").contains(text));
        assertThat(driver.accelerators()).isEmpty();
        driver.stop();
    }
}
