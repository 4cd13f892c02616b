// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.remote;

import io.edgewright.api.accelerator.Accelerator;
import io.edgewright.api.accelerator.AcceleratorDriver;
import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.accelerator.LoadOptions;
import io.edgewright.api.accelerator.ModelSession;
import io.edgewright.api.model.ModelFile;
import io.edgewright.api.tensor.ElementType;
import io.edgewright.api.tensor.TensorSpec;
import io.edgewright.testkit.AcceleratorContract;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;

/**
 * The contract with a server at the other end. The models' files hold one line about the model: the server is given a
 * model of that name before the driver is asked for it, as an operator would do.
 */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
abstract class RemoteContract extends AcceleratorContract {

    private static final String SLOW = "slow FP32 2,3";

    /** {@return the driver, whose server is there} */
    abstract RemoteDriver remote();

    /** Adds a model {@code x -> y = x} to the server. */
    abstract void serve(String name, TensorSpec x, boolean slow) throws IOException;

    @Override
    protected final AcceleratorDriver driver() {
        RemoteDriver driver = remote();
        return new AcceleratorDriver() {
            @Override
            public String name() {
                return driver.name();
            }

            @Override
            public List<Accelerator> accelerators() {
                return driver.accelerators();
            }

            @Override
            public Optional<String> unavailable() {
                return driver.unavailable();
            }

            @Override
            public ModelSession load(ModelFile model, Accelerator device, LoadOptions options)
                    throws InferenceException {
                serve(model);
                return driver.load(model, device, options);
            }
        };
    }

    @Override
    protected byte[] identity(ElementType type, List<Long> shape) {
        String dims = String.join(",", shape.stream().map(String::valueOf).toList());
        return ("identity " + type.protocolName() + " " + dims).getBytes(StandardCharsets.UTF_8);
    }

    @Override
    protected Optional<byte[]> longRunning() {
        return Optional.of(SLOW.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    protected boolean readsFiles() {
        return false;
    }

    private void serve(ModelFile model) {
        try {
            if (!model.manifest().format().equals("onnx")) {
                return;
            }
            String[] words = Files.readString(model.path()).split(" ");
            List<Long> shape =
                    Arrays.stream(words[2].split(",")).map(Long::valueOf).toList();
            serve(
                    model.manifest().id().name(),
                    new TensorSpec("x", ElementType.ofProtocolName(words[1]), shape),
                    words[0].equals("slow"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
