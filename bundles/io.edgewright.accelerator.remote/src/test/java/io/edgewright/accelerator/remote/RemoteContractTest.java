// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.remote;

import io.edgewright.api.tensor.TensorSpec;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** The contract over binary tensors. */
class RemoteContractTest extends RemoteContract {

    private TestServer server;
    private RemoteDriver driver;

    boolean binary() {
        return true;
    }

    @BeforeEach
    void start() throws IOException {
        server = new TestServer();
        server.binary = binary();
        driver = Drivers.ready(server.url());
    }

    @AfterEach
    void stop() throws IOException {
        driver.stop();
        server.close();
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
}
