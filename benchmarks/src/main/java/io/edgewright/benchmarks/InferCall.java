// SPDX-License-Identifier: Apache-2.0
package io.edgewright.benchmarks;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A request of the Open Inference Protocol in its binary form, for FP32.
 *
 * @param head what comes before the body
 * @param content the body: JSON and the input's bytes
 */
record InferCall(byte[] head, byte[] content) {

    /** A request without its credential. */
    record Open(String path, int jsonLength, byte[] content) {

        /** {@return the request with this token} */
        InferCall authorized(String token) {
            return new InferCall(
                    HttpClient.head(
                            path,
                            content.length,
                            "Content-Type: application/octet-stream",
                            "Inference-Header-Content-Length: " + jsonLength,
                            "Authorization: Bearer " + token),
                    content);
        }
    }

    static Open binary(String model, String input, long[] shape, byte[] data) {
        byte[] json = ("{\"inputs\":[{\"name\":\"" + input + "\",\"shape\":" + Arrays.toString(shape)
                        + ",\"datatype\":\"FP32\",\"parameters\":{\"binary_data_size\":" + data.length
                        + "}}],\"parameters\":{\"binary_data_output\":true}}")
                .getBytes(StandardCharsets.UTF_8);
        var content = new ByteArrayOutputStream();
        content.writeBytes(json);
        content.writeBytes(data);
        return new Open("/v2/models/" + model + "/infer", json.length, content.toByteArray());
    }
}
