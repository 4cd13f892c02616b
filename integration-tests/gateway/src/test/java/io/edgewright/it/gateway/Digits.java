// SPDX-License-Identifier: Apache-2.0
package io.edgewright.it.gateway;

import io.edgewright.api.tensor.ElementType;
import io.edgewright.api.tensor.Npy;
import io.edgewright.api.tensor.Tensor;
import io.edgewright.testkit.TestData;
import java.io.IOException;
import java.io.InputStream;
import java.net.URLEncoder;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPInputStream;

/** Hand-written digits as the model {@code digits} takes them. */
final class Digits {

    private static final int PIXELS = 28 * 28;
    private static final int HEADER_BYTES = 16; // of an IDX file of pictures: magic, count, rows, columns

    private Digits() {}

    /** Stores the model that is in the packaged gateway. */
    static void addModel(GatewayProcess gateway) throws IOException {
        byte[] model = Files.readAllBytes(
                Path.of(System.getProperty("edgewright.gateway"), "models", "digits", "1.0.0", "model.onnx"));
        HttpResponse<String> response = gateway.send(
                "POST",
                "/api/v1/models?file=digits.onnx&name=digits&version=1.0.0&properties="
                        + URLEncoder.encode("{\"task\":\"classification\"}", StandardCharsets.UTF_8),
                BodyPublishers.ofByteArray(model));
        if (response.statusCode() != 201) {
            throw new AssertionError("add digits: " + response.statusCode() + " " + response.body());
        }
    }

    /**
     * {@return the first pictures of the test data}
     *
     * @param contrast 1 as they are, less for paler ones
     */
    static List<float[]> pictures(int count, float contrast) throws IOException {
        List<float[]> pictures = new ArrayList<>();
        try (InputStream in =
                new GZIPInputStream(Files.newInputStream(TestData.require("digits/t10k-images-idx3-ubyte.gz")))) {
            in.skipNBytes(HEADER_BYTES);
            for (int i = 0; i < count; i++) {
                byte[] bytes = in.readNBytes(PIXELS);
                float[] picture = new float[PIXELS];
                for (int p = 0; p < PIXELS; p++) {
                    picture[p] = ((bytes[p] & 0xFF) * contrast / 255 - 0.1307f) / 0.3081f;
                }
                pictures.add(picture);
            }
        }
        return pictures;
    }

    /** {@return requests of the Open Inference Protocol, one for each picture} */
    static List<String> requests(List<float[]> pictures) {
        return pictures.stream()
                .map(p -> "{\"inputs\":[{\"name\":\"image\",\"shape\":[1,1,28,28],\"datatype\":\"FP32\",\"data\":"
                        + Arrays.toString(p) + "}]}")
                .toList();
    }

    /** Writes pictures as samples for passes. */
    static void write(List<float[]> pictures, Path folder) throws IOException {
        Files.createDirectories(folder);
        Tensor all = Tensor.zeros(ElementType.FLOAT32, List.of((long) pictures.size(), 1L, 28L, 28L));
        pictures.forEach(all.floatBuffer()::put);
        Npy.write(folder.resolve("digits.npy"), all);
    }
}
