// SPDX-License-Identifier: Apache-2.0
package io.edgewright.it.gateway;

import io.edgewright.accelerator.remote.RemoteDriver;
import io.edgewright.api.accelerator.Accelerator;
import io.edgewright.api.accelerator.AcceleratorDriver;
import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.accelerator.LoadOptions;
import io.edgewright.api.accelerator.ModelSession;
import io.edgewright.api.model.ModelFile;
import io.edgewright.api.model.ModelId;
import io.edgewright.api.model.ModelManifest;
import io.edgewright.api.tensor.ElementType;
import io.edgewright.api.tensor.TensorSpec;
import io.edgewright.testkit.AcceleratorContract;
import io.edgewright.testkit.Configs;
import io.edgewright.testkit.FileModel;
import io.edgewright.testkit.TestModels;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The contract of accelerators with a packaged gateway as the remote server. */
@Timeout(value = 240, unit = TimeUnit.SECONDS)
class RemoteSelfIT extends AcceleratorContract {

    /** Open there, so that its warm-up multiplies one number; fixed here, so that a run takes long. */
    private static final byte[] LONG = TestModels.longRunning(1000, TensorSpec.DYNAMIC);

    private static final List<Long> LONG_SHAPE = List.of(1024L, 1024L);

    @TempDir
    static Path home;

    private static GatewayProcess gateway;
    private static RemoteDriver remote;
    private static int models;

    @BeforeAll
    static void start() throws IOException {
        gateway = GatewayProcess.start(home);
        remote = new RemoteDriver(
                Configs.of(
                        RemoteDriver.Config.class,
                        Map.of(
                                "name",
                                "self",
                                "url",
                                gateway.url().toString(),
                                "token",
                                gateway.token(),
                                "check",
                                "live",
                                "run.millis",
                                8000)), // the gateway there gives the long runs up after that time
                List.of());
        long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
        while (remote.accelerators().isEmpty() && System.nanoTime() < end) {
            LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
        }
    }

    @AfterAll
    static void stop() {
        remote.stop();
        gateway.close();
    }

    @Override
    protected AcceleratorDriver driver() {
        return new AcceleratorDriver() {
            @Override
            public String name() {
                return remote.name();
            }

            @Override
            public List<Accelerator> accelerators() {
                return remote.accelerators();
            }

            @Override
            public Optional<String> unavailable() {
                return remote.unavailable();
            }

            @Override
            public ModelSession load(ModelFile model, Accelerator device, LoadOptions options)
                    throws InferenceException {
                return remote.load(served(model), device, options);
            }
        };
    }

    @Override
    protected Optional<byte[]> longRunning() {
        return Optional.of(LONG);
    }

    /** The file stays here: the gateway there tells a broken one when it is added. */
    @Override
    protected boolean readsFiles() {
        return false;
    }

    /** Adds the model there, as an operator would, under a name of its own. */
    private static ModelFile served(ModelFile model) {
        ModelManifest m = model.manifest();
        if (!m.format().equals("onnx")) {
            return model;
        }
        try {
            byte[] content = Files.readAllBytes(model.path());
            String name = "model-" + models++;
            gateway.add(name, "1.0.0", content);
            gateway.deploy(name, "{\"model\":\"" + name + "\",\"trusted\":true}");
            gateway.await("/api/v1/deployments/" + name, s -> "SERVING"
                    .equals(s.get("state").getAsString()));
            boolean slow = Arrays.equals(content, LONG);
            var manifest = new ModelManifest(
                    ModelId.of(name, "1.0.0"),
                    m.format(),
                    m.file(),
                    m.digest(),
                    m.sizeBytes(),
                    slow ? List.of(new TensorSpec("x", ElementType.FLOAT32, LONG_SHAPE)) : List.of(),
                    slow ? List.of(new TensorSpec("y", ElementType.FLOAT32, LONG_SHAPE)) : List.of(),
                    m.files(),
                    m.properties());
            return new FileModel(manifest, model.path());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
