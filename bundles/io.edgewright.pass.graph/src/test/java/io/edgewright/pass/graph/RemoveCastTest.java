// SPDX-License-Identifier: Apache-2.0
package io.edgewright.pass.graph;

import static org.assertj.core.api.Assertions.assertThat;

import io.edgewright.onnx.Attribute;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RemoveCastTest {

    @TempDir
    Path dir;

    @Test
    void takesOutACastToTheTypeThatTheValueHas() throws Exception {
        var test = new Rewriting(dir, 17, 1L, 3L);
        test.node("Cast", List.of("x"), "c").set("to", Attribute.of(1));
        test.node("Relu", List.of("c"), "y");

        assertThat(test.apply(new RemoveCast(), 1)).containsExactly("Relu");
    }

    @Test
    void keepsACastToAnotherType() throws Exception {
        var test = new Rewriting(dir, 17, 1L, 3L);
        test.node("Cast", List.of("x"), "y").set("to", Attribute.of(7));

        assertThat(test.apply(new RemoveCast(), 0)).containsExactly("Cast");
    }
}
