// SPDX-License-Identifier: Apache-2.0
package io.edgewright.isolation;

import static org.assertj.core.api.Assertions.assertThat;

import io.edgewright.api.accelerator.Deadline;
import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.accelerator.LoadOptions;
import io.edgewright.api.accelerator.ModelSession;
import io.edgewright.api.accelerator.Slot;
import io.edgewright.api.tensor.ElementType;
import io.edgewright.testkit.FileModel;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class OrphanTest {

    @TempDir
    Path home;

    /** A parent that uses a session for good. */
    static final class Parent {

        private Parent() {}

        public static void main(String[] args) throws IOException, InferenceException, InterruptedException {
            Path home = Path.of(args[0]);
            var isolation = new ProcessIsolation(home);
            byte[] content = EchoEngine.model("identity", ElementType.FLOAT32, List.of(1L), List.of(1L));
            FileModel model = FileModel.write(home, "m.echo", "echo", content);
            ModelSession session = isolation.open(Echo.spec(Map.of()), model, "", LoadOptions.DEFAULT);
            Slot slot = session.openSlot(Map.of());
            slot.run(Deadline.NONE);
            Files.writeString(
                    home.resolve("child"),
                    Long.toString(ProcessHandle.current()
                            .children()
                            .findFirst()
                            .orElseThrow()
                            .pid()));
            try (var out = new java.io.FileOutputStream(java.io.FileDescriptor.out)) {
                out.write('\n');
            }
            TimeUnit.HOURS.sleep(1);
        }
    }

    @Test
    void endsWithItsParentEvenWhenThatIsKilled() throws Exception {
        Process parent = new ProcessBuilder(
                        Processes.java().toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Parent.class.getName(),
                        home.toString())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try {
            try (BufferedReader said = parent.inputReader()) {
                assertThat(said.readLine()).as("the parent has a session").isNotNull();
            }
            long child = Long.parseLong(Files.readString(home.resolve("child")));
            ProcessHandle handle = ProcessHandle.of(child).orElseThrow();
            parent.destroyForcibly().waitFor();
            handle.onExit().get(30, TimeUnit.SECONDS);
        } finally {
            parent.destroyForcibly().waitFor();
        }
        new ProcessIsolation(home).close(); // as the next start
        Children.assertNothingLeft(home);
    }
}
