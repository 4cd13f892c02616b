// SPDX-License-Identifier: Apache-2.0
package io.edgewright.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.edgewright.api.tensor.Npy;
import io.edgewright.api.tensor.Tensor;
import io.edgewright.gateway.Packaged.Ended;
import io.edgewright.testkit.TestModels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Machines that are set up otherwise than a developer's. */
final class OddMachineIT {

    /** Makes a folder with an umlaut, which Java itself cannot do everywhere, and runs the model from there. */
    private static final String BELOW_AN_UMLAUT = """
            folder="$1/$(printf 'M\\303\\266bel und mehr')"
            mkdir "$folder"
            mv "$2" "$folder/model.onnx"
            exec "$0" infer "$folder/model.onnx" "$3"
            """;

    @TempDir
    Path dir;

    @Test
    void readsFilesBelowAnUmlautInALocaleThatHasNone() throws Exception {
        Ended ended = infer(Map.of("LC_ALL", "C"));

        assertThat(ended.code()).as(ended.err()).isZero();
        assertThat(ended.out()).contains("class 2");
    }

    @Test
    void startsWhereNumbersHaveOtherDigits() throws Exception {
        Ended ended = infer(Map.of("EDGEWRIGHT_JAVA_OPTS", "-Duser.language=ar -Duser.country=EG"));

        assertThat(ended.code()).as(ended.err()).isZero();
        assertThat(ended.out()).contains("class 2");
    }

    @Test
    void looksForLibrariesInTheHomeOfTheGatewayAndNotInThatOfTheCommand() throws Exception {
        String home = dir.resolve("home").toString();

        Ended ended = Packaged.run("accelerators", "--home", home);

        assertThat(ended.code()).as(ended.err()).isZero();
        assertThat(ended.out()).contains("fetch-torch.sh " + home + "/natives/torch");
    }

    private Ended infer(Map<String, String> environment) throws Exception {
        Path model = Files.write(dir.resolve("adder.onnx"), TestModels.add(2, List.of(1L, 3L)));
        Path input = dir.resolve("x.npy");
        Npy.write(input, Tensor.ofFloats(List.of(1L, 3L), 1, 2, 3));
        return Packaged.run(
                environment,
                List.of(
                        "/bin/sh",
                        "-euc",
                        BELOW_AN_UMLAUT,
                        Packaged.PROGRAM,
                        dir.toString(),
                        model.toString(),
                        input.toString()));
    }
}
