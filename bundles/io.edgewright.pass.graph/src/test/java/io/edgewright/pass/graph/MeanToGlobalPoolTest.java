// SPDX-License-Identifier: Apache-2.0
package io.edgewright.pass.graph;

import static org.assertj.core.api.Assertions.assertThat;

import io.edgewright.onnx.Attribute;
import io.edgewright.onnx.Weights;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MeanToGlobalPoolTest {

    @TempDir
    Path dir;

    @Test
    void poolsWhereHeightAndWidthAreAveraged() throws Exception {
        var test = new Rewriting(dir, 17, 2L, 3L, 4L, 5L);
        test.node("ReduceMean", List.of("x"), "y").set("axes", Attribute.ofInts(List.of(-1L, 2L)));

        assertThat(test.apply(new MeanToGlobalPool(), 1)).containsExactly("GlobalAveragePool");
    }

    @Test
    void flattensWhereTheMeanDropsThem() throws Exception {
        var test = new Rewriting(dir, 18, 2L, 3L, 4L, 5L);
        test.node("ReduceMean", List.of("x", test.constant("axes", Weights.ofLongs(List.of(2L), 2, 3))), "y")
                .set("keepdims", Attribute.of(0));

        assertThat(test.apply(new MeanToGlobalPool(), 1)).containsExactly("GlobalAveragePool", "Flatten");
    }

    @Test
    void leavesMeansOverChannels() throws Exception {
        var test = new Rewriting(dir, 17, 2L, 3L, 4L, 5L);
        test.node("ReduceMean", List.of("x"), "y").set("axes", Attribute.ofInts(List.of(1L, 2L, 3L)));

        assertThat(test.apply(new MeanToGlobalPool(), 0)).containsExactly("ReduceMean");
    }
}
