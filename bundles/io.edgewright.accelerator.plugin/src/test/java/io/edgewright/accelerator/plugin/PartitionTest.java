// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.plugin;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class PartitionTest {

    /** As ONNX Runtime 1.29 writes it, without most of the arguments. */
    private static final String PROFILE = """
            [
            {"cat" : "Session","pid" :1,"tid" :2,"dur" :9,"ts" :1,"ph" : "X","name" :"session_initialization","args" : {}},
            {"cat" : "Node","pid" :1,"tid" :2,"dur" :9,"ts" :2,"ph" : "X","name" :"EP_1_kernel_time","args" : {"node_index" : "35","provider" : "EP","op_name" : "EP_1_0","output_size" : "8"}},
            {"cat" : "Node","pid" :1,"tid" :2,"dur" :9,"ts" :3,"ph" : "X","name" :"p_kernel_time","args" : {"op_name" : "MaxPool","provider" : "CPUExecutionProvider"}},
            {"cat" : "Node","pid" :1,"tid" :2,"dur" :9,"ts" :4,"ph" : "X","name" :"q_kernel_time","args" : {"op_name" : "MaxPool","provider" : "CPUExecutionProvider"}},
            {"cat" : "Node","pid" :1,"tid" :2,"dur" :9,"ts" :5,"ph" : "X","name" :"r_kernel_time","args" : {"op_name" : "Clip","provider" : "CPUExecutionProvider"}},
            {"cat" : "Session","pid" :1,"tid" :2,"dur" :9,"ts" :6,"ph" : "X","name" :"model_run","args" : {}}
            ]
            """;

    @TempDir
    Path folder;

    @Test
    void tellsWhatTheProviderTookFromWhatItLeft() throws IOException {
        Partition partition = read(PROFILE);
        assertThat(partition.taken()).isEqualTo(1);
        assertThat(partition.left()).isEqualTo(Map.of("MaxPool", 2, "Clip", 1));
        assertThat(partition.isNothing()).isFalse();
        assertThat(partition.facts("EP"))
                .containsEntry("partition", "1 part on EP; on the processor: Clip, MaxPool x2")
                .containsEntry("processor.nodes", "3")
                .containsEntry("provider.parts", "1");
    }

    @Test
    void saysWhenOneOfThemDoesEverything() throws IOException {
        String taken = PROFILE.replace("CPUExecutionProvider", "EP");
        assertThat(read(taken).describe("EP")).isEqualTo("all on EP");
        Partition nothing = read(PROFILE.replace("\"EP\"", "\"CPUExecutionProvider\""));
        assertThat(nothing.isNothing()).isTrue();
        assertThat(nothing.describe("EP")).startsWith("nothing on EP, all on the processor: Clip");
    }

    @Test
    void doesNotGuess() throws IOException {
        assertThat(read("").known()).isFalse();
        assertThat(read("").isNothing()).isFalse();
        assertThat(Partition.UNKNOWN.facts("EP").get("partition")).startsWith("not known");
    }

    /** Names in a profile come from the model, and are not escaped. */
    @Test
    @Timeout(60)
    void survivesAnyProfile() throws IOException {
        var random = new Random(7);
        byte[] whole = PROFILE.getBytes(StandardCharsets.ISO_8859_1);
        for (int i = 0; i < 2000; i++) {
            byte[] mutant = whole.clone();
            for (int k = 0; k <= random.nextInt(30); k++) {
                mutant[random.nextInt(mutant.length)] = (byte) random.nextInt(256);
            }
            Partition partition = Partition.read(Files.write(folder.resolve("profile.json"), mutant));
            int nodes = partition.taken()
                    + partition.left().values().stream().mapToInt(n -> n).sum();
            assertThat(nodes).isLessThanOrEqualTo(4);
        }
    }

    private Partition read(String profile) throws IOException {
        return Partition.read(Files.writeString(folder.resolve("profile.json"), profile));
    }
}
