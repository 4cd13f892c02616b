// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.remote;

import io.edgewright.api.tensor.TensorSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The contract against a real MLServer, which speaks JSON. */
@Timeout(value = 240, unit = TimeUnit.SECONDS)
class MlServerContractTest extends RemoteContract {

    @TempDir
    static Path folder;

    private static @Nullable MlServer server;

    private RemoteDriver driver;

    @BeforeAll
    static void startServer() throws Exception {
        server = MlServer.start(folder);
    }

    @AfterAll
    static void stopServer() throws Exception {
        if (server != null) {
            server.close();
        }
    }

    @BeforeEach
    void start() {
        driver = Drivers.ready(running().url(), "check", "live");
    }

    @AfterEach
    void stop() {
        driver.stop();
    }

    @Override
    RemoteDriver remote() {
        return driver;
    }

    @Override
    void serve(String name, TensorSpec x, boolean slow) throws IOException {
        running().serve(name, x, slow);
    }

    private static MlServer running() {
        MlServer running = server;
        if (running == null) {
            throw new IllegalStateException("MLServer was not started");
        }
        return running;
    }
}
