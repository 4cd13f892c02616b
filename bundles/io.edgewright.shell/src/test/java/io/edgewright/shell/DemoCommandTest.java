// SPDX-License-Identifier: Apache-2.0
package io.edgewright.shell;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import io.edgewright.api.inference.Deployments;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class DemoCommandTest {

    private final ByteArrayOutputStream said = new ByteArrayOutputStream();

    @Test
    void aDemoThatItsUserEndsBeforeTheFirstPictureHasNotFailed() {
        assertThat(finish(Map.of(), new DemoFigures(), true)).isZero();
        assertThat(said.toString(StandardCharsets.UTF_8)).startsWith("ended after 1 s: ");
    }

    @Test
    void jsonSaysTheSameOfADemoThatItsUserEnds() {
        assertThat(finish(Map.of("json", List.of("true")), new DemoFigures(), true))
                .isZero();
        assertThat(said.toString(StandardCharsets.UTF_8)).contains("\"ok\":true");
    }

    @Test
    void aDemoThatSawNothingUntilItsTimeWasOverHasFailed() {
        assertThat(finish(Map.of("seconds", List.of("1")), new DemoFigures(), false))
                .isEqualTo(1);
        assertThat(said.toString(StandardCharsets.UTF_8)).startsWith("FAILED after 1 s: ");
    }

    @Test
    void aPictureWithoutAnAnswerIsAFailureAlsoOfADemoThatItsUserEnds() {
        var retail = new JsonObject();
        retail.addProperty("frames", 10);
        retail.addProperty("failedFrames", 1);
        var figures = new DemoFigures();
        figures.look(noDeployments(), retail);

        assertThat(finish(Map.of(), figures, true)).isEqualTo(1);
        assertThat(said.toString(StandardCharsets.UTF_8)).startsWith("FAILED after 1 s: ");
    }

    private int finish(Map<String, List<String>> words, DemoFigures figures, boolean ended) {
        return DemoCommand.finish(
                new Request(words), figures, ended, 1, new PrintStream(said, true, StandardCharsets.UTF_8));
    }

    private static Deployments noDeployments() {
        return (Deployments) Proxy.newProxyInstance(
                Deployments.class.getClassLoader(),
                new Class<?>[] {Deployments.class},
                (proxy, method, arguments) -> Optional.empty());
    }
}
