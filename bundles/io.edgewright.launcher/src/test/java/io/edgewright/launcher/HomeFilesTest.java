// SPDX-License-Identifier: Apache-2.0
package io.edgewright.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class HomeFilesTest {

    @TempDir
    Path home;

    @Test
    void keepsASecondGatewayOffAHomeAndNamesTheFirst() throws Exception {
        new GatewayFile(4711, "http://127.0.0.1:8080").write(home);
        try (InstanceLock first = InstanceLock.take(home)) {
            assertThat(first).isNotNull();
            assertThatExceptionOfType(CommandException.class)
                    .isThrownBy(() -> InstanceLock.take(home))
                    .withMessageContainingAll("4711", "http://127.0.0.1:8080", "--home")
                    .satisfies(e -> assertThat(e.exit()).isEqualTo(Exit.HOME_IN_USE));
        }
        InstanceLock.take(home).close();
    }

    @Test
    void readsWhatAGatewayWrote() throws Exception {
        assertThat(GatewayFile.read(home)).isEmpty();
        var file = new GatewayFile(ProcessHandle.current().pid(), "http://127.0.0.1:8080");

        file.write(home);

        assertThat(GatewayFile.read(home)).contains(file);
        assertThat(file.isAlive()).isTrue();
    }

    @Test
    void namesABrokenGatewayFile() throws Exception {
        Files.createDirectories(home.resolve("run"));
        for (String broken : List.of("", "[]", "{\"pid\": 1}", "{\"pid\": \"x\", \"url\": \"y\"}", "{")) {
            Files.writeString(GatewayFile.path(home), broken);
            assertThatIOException().isThrownBy(() -> GatewayFile.read(home)).withMessageContaining("gateway.json");
        }
    }

    @Test
    void choosesTheLocalAddressOfSeveral() {
        assertThat(HttpEndpoint.choose(List.of("http://192.168.1.7:8080/", "http://127.0.0.1:8080/")))
                .isEqualTo("http://127.0.0.1:8080");
        assertThat(HttpEndpoint.choose(List.of("http://[fd00:0:0:0:0:0:0:2%eth0]:81/", "http://10.0.0.2:81/")))
                .isEqualTo("http://127.0.0.1:81");
        assertThat(HttpEndpoint.choose(List.of("http://10.0.0.2:81/"))).isEqualTo("http://10.0.0.2:81");
        assertThat(HttpEndpoint.choose(List.of("https://gateway:8443"))).isEqualTo("https://gateway:8443");
        assertThat(HttpEndpoint.choose(List.of("http://192.168.1.7/"))).isEqualTo("http://192.168.1.7");
        assertThat(HttpEndpoint.choose(List.of("http://0.0.0.0:81/"))).isEqualTo("http://127.0.0.1:81");
    }

    @Test
    void putsAnAddressOfVersion6IntoBrackets() {
        assertThat(HttpEndpoint.choose(List.of("http://::1:8088/"))).isEqualTo("http://[::1]:8088");
        assertThat(HttpEndpoint.choose(List.of("http://:::8088/"))).isEqualTo("http://[::1]:8088");
        assertThat(HttpEndpoint.choose(List.of("http://0:0:0:0:0:0:0:1:81/"))).isEqualTo("http://[0:0:0:0:0:0:0:1]:81");
        assertThat(HttpEndpoint.choose(List.of("http://fe80:0:0:0:1:2:3:4%eth0:81/")))
                .isEqualTo("http://[fe80:0:0:0:1:2:3:4]:81");
        assertThat(HttpEndpoint.choose(List.of("http://::1:81/", "http://[fd00::2%eth0]:81/")))
                .isEqualTo("http://[::1]:81");
    }

    @Test
    void saysThatNoGatewayRuns() throws Exception {
        CommandLine line = CommandLine.parse(List.of("status", "--home", home.toString()));

        assertThatExceptionOfType(CommandException.class)
                .isThrownBy(() -> GatewayClient.of(line))
                .withMessageContainingAll("no gateway runs", "edgewright start")
                .satisfies(e -> assertThat(e.exit()).isEqualTo(Exit.NO_GATEWAY));
    }

    @Test
    void deletesAFolderWithAllThatIsInIt() throws Exception {
        Path folder = home.resolve("cache");
        Files.createDirectories(folder.resolve("bundle1/data"));
        Files.writeString(folder.resolve("bundle1/data/file"), "x");

        Folders.delete(folder);
        Folders.delete(folder); // not there: nothing to do

        assertThat(folder).doesNotExist();
        assertThat(home).exists();
    }
}
