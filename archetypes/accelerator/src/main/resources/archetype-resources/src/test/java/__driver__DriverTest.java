// SPDX-License-Identifier: Apache-2.0
package ${package};

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.edgewright.api.accelerator.AcceleratorDriver;
import io.edgewright.api.model.ModelException;
import io.edgewright.api.tensor.ElementType;
import io.edgewright.api.tensor.TensorSpec;
import io.edgewright.testkit.AcceleratorContract;
import io.edgewright.testkit.Configs;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the runtime relies on, tried on this driver; below are the tests of its own. */
class ${driver}DriverTest extends AcceleratorContract {

    @TempDir
    Path files;

    private final ${driver}Driver driver = new ${driver}Driver(Configs.of(${driver}Driver.Config.class, Map.of()));

    @Override
    protected AcceleratorDriver driver() {
        return driver;
    }

    @Override
    protected String format() {
        return driver.format();
    }

    @Override
    protected Set<ElementType> types() {
        return EnumSet.complementOf(EnumSet.of(ElementType.STRING));
    }

    @Override
    protected byte[] identity(ElementType type, List<Long> shape) {
        return (type + " " + shape).getBytes(StandardCharsets.UTF_8);
    }

    /** {@return nothing: a run of this device cannot be cut off, and the device says so} */
    @Override
    protected Optional<byte[]> longRunning() {
        return Optional.empty();
    }

    @Test
    void tellsWhatAModelTakesAndGives() throws Exception {
        Path model = Files.writeString(files.resolve("m.loopback"), "FLOAT32 [-1, 3]\n");

        assertThat(driver.inspect(model).inputs())
                .containsExactly(new TensorSpec("x", ElementType.FLOAT32, List.of(-1L, 3L)));
    }

    @Test
    void withstandsAnyFile() throws IOException {
        var random = new Random(1);
        for (int i = 0; i < 500; i++) {
            byte[] content = identity(ElementType.INT16, List.of(4L, -1L));
            for (int changes = random.nextInt(1, 5); changes > 0; changes--) {
                content[random.nextInt(content.length)] = (byte) random.nextInt();
            }
            Path model = Files.write(files.resolve("fuzz.loopback"), content);
            Assertions.assertTimeoutPreemptively(Duration.ofSeconds(10), () -> {
                try {
                    assertThat(driver.inspect(model).inputs()).hasSize(1);
                } catch (ModelException e) {
                    assertThat(e.reason()).isEqualTo(ModelException.Reason.INVALID_MODEL);
                }
            });
        }
        assertThatExceptionOfType(ModelException.class)
                .isThrownBy(() -> driver.inspect(files.resolve("absent")))
                .withMessageContaining("absent");
    }
}
