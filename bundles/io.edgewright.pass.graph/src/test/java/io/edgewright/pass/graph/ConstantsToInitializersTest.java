// SPDX-License-Identifier: Apache-2.0
package io.edgewright.pass.graph;

import static org.assertj.core.api.Assertions.assertThat;

import io.edgewright.onnx.Attribute;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConstantsToInitializersTest {

    @TempDir
    Path dir;

    @Test
    void movesConstantNodes() throws Exception {
        var test = new Rewriting(dir, 17, 2L);
        test.node("Constant", List.of(), "c").set("value_floats", Attribute.ofFloats(List.of(1f, 2f)));
        test.node("Add", List.of("x", "c"), "y");

        assertThat(test.apply(new ConstantsToInitializers(), 1)).containsExactly("Add");
    }
}
