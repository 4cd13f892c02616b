// SPDX-License-Identifier: Apache-2.0
package io.edgewright.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

final class CommandLineTest {

    @Test
    void takesOptionsAnywhereAndInBothForms() throws UsageException {
        CommandLine line = parse("infer", "--top", "3", "a.onnx", "--labels=l.txt", "b.jpg", "--json");

        assertThat(line.command().name()).isEqualTo("infer");
        assertThat(line.arguments()).containsExactly("a.onnx", "b.jpg");
        assertThat(line.option("labels")).contains("l.txt");
        assertThat(line.number("top", 5, 1, 10)).isEqualTo(3);
        assertThat(line.flag("json")).isTrue();
    }

    @Test
    void takesEverythingAfterTwoDashesAsArgument() throws UsageException {
        assertThat(parse("infer", "--", "--model", "-x").arguments()).containsExactly("--model", "-x");
    }

    @Test
    void showsHelpForNothingForAWordAndForAnOption() throws UsageException {
        assertThat(parse().command().name()).isEqualTo("help");
        assertThat(parse("--help").command().name()).isEqualTo("help");
        assertThat(parse("bench", "--help").arguments()).containsExactly("bench");
    }

    @Test
    void guessesWhatAMistypedCommandOrOptionMeant() {
        fails("did you mean 'status'", "stauts");
        fails("did you mean 'deployments'", "deploy");
        fails("did you mean 'home'", "start", "--hom", "x");
        fails("unknown command 'xyzzy'; 'edgewright help'", "xyzzy");
    }

    @Test
    void saysWhatAnOptionExpects() {
        fails("--top has no value, expected --top K", "infer", "m", "i", "--top");
        fails("--json takes no value", "status", "--json=yes");
        fails("--port is given twice", "start", "--port", "1", "--port", "2");
        fails("unknown option '-p'", "start", "-p", "1");
    }

    @Test
    void saysHowManyArgumentsACommandTakes() {
        fails("infer takes at least 2 arguments, found 1; usage: edgewright infer MODEL INPUT...", "infer", "m");
        fails("status takes no arguments, found 1", "status", "x");
        fails("bench takes 1 argument, found 2", "bench", "a", "b");
    }

    @Test
    void refusesNumbersOutOfRange() throws UsageException {
        CommandLine line = parse("start", "--port", "70000");

        assertThatExceptionOfType(UsageException.class)
                .isThrownBy(() -> line.number("port", 1, 0, 65_535))
                .withMessageContainingAll("--port", "70000", "0 to 65535");
        assertThatExceptionOfType(UsageException.class)
                .isThrownBy(() -> parse("start", "--port", "x").number("port", 1, 0, 65_535))
                .withMessageContaining("'x'");
    }

    @Test
    void endsWithTheExitCodeOfTheMistake() {
        var out = new ByteArrayOutputStream();
        var err = new ByteArrayOutputStream();
        var main = new Main(print(out), print(err), new Termination());

        assertThat(main.run(List.of("start", "--hom"))).isEqualTo(2);
        assertThat(err.toString(StandardCharsets.UTF_8)).startsWith("edgewright: unknown option '--hom'");
        assertThat(main.run(List.of("help", "models"))).isZero();
        assertThat(out.toString(StandardCharsets.UTF_8)).contains("add FILE", "--sha256");
    }

    private static PrintStream print(ByteArrayOutputStream bytes) {
        return new PrintStream(bytes, true, StandardCharsets.UTF_8);
    }

    private static CommandLine parse(String... words) throws UsageException {
        return CommandLine.parse(List.of(words));
    }

    private static void fails(String message, String... words) {
        assertThatExceptionOfType(UsageException.class)
                .isThrownBy(() -> parse(words))
                .withMessageContaining(message);
    }
}
