// SPDX-License-Identifier: Apache-2.0
package io.edgewright.rest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.edgewright.api.inference.Signature;
import io.edgewright.api.model.ModelId;
import io.edgewright.api.model.ModelManifest;
import io.edgewright.api.tensor.ElementType;
import io.edgewright.api.tensor.TensorSpec;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class KnownRequestsTest {

    private static final String BINARY = "{\"inputs\":[{\"name\":\"x\",\"datatype\":\"FP32\",\"shape\":[2],"
            + "\"parameters\":{\"binary_data_size\":8}}]}";

    private final KnownRequests known = new KnownRequests();
    private final BufferPool.Share memory = new BufferPool(() -> 1 << 20).share(1 << 20);

    @Test
    void readsTheSameJsonOnce() throws Exception {
        InferRequest first = known.read(model(2), bytes(BINARY), memory);
        assertThat(first.inputs()).hasSize(1);
        assertThat(known.read(model(2), bytes(BINARY), memory)).isSameAs(first);
        assertThat(known.read(model(2), bytes(BINARY.replace("8", "8 ")), memory))
                .isNotSameAs(first);
    }

    @Test
    void checksKnownJsonAgainstAnotherModel() throws Exception {
        known.read(model(2), bytes(BINARY), memory);
        assertThatExceptionOfType(HttpProblem.class)
                .isThrownBy(() -> known.read(model(3), bytes(BINARY), memory))
                .withMessageContainingAll("[2]", "[3]");
    }

    @Test
    void keepsNoDataOfRequests() throws Exception {
        byte[] json = bytes("{\"inputs\":[{\"name\":\"x\",\"datatype\":\"FP32\",\"shape\":[2],\"data\":[1,2]}]}");
        assertThat(known.read(model(2), json, memory)).isNotSameAs(known.read(model(2), json, memory));
    }

    @Test
    void keepsNoLongJson() throws Exception {
        byte[] json = bytes(BINARY + " ".repeat(2048));
        assertThat(known.read(model(2), json, memory)).isNotSameAs(known.read(model(2), json, memory));
    }

    private static Signature model(long length) {
        var input = new TensorSpec("x", ElementType.FLOAT32, List.of(length));
        var output = new TensorSpec("y", ElementType.FLOAT32, List.of(length));
        var manifest = new ModelManifest(
                ModelId.of("shelf", "1.0.0"),
                "onnx",
                "model.onnx",
                MemoryGateway.DIGEST,
                100,
                List.of(input),
                List.of(output),
                Map.of(),
                Map.of());
        return new Signature(manifest, manifest.inputs(), manifest.outputs());
    }

    private static byte[] bytes(String json) {
        return json.getBytes(StandardCharsets.UTF_8);
    }
}
