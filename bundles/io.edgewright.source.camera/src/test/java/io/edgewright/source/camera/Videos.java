// SPDX-License-Identifier: Apache-2.0
package io.edgewright.source.camera;

import io.edgewright.testkit.Configs;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/** Small videos for tests, in the YUV4MPEG2 format: a line of text, then plain pictures. */
final class Videos {

    private Videos() {}

    /** {@return a grey video; picture {@code i} has the brightness {@code grey(i)}} */
    static byte[] grey(int width, int height, int framesPerSecond, int frames) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes("YUV4MPEG2 W%d H%d F%d:1 Ip A1:1 C420jpeg XCOLORRANGE=FULL\n"
                .formatted(width, height, framesPerSecond)
                .getBytes(StandardCharsets.US_ASCII));
        byte[] colour = new byte[(width + 1) / 2 * ((height + 1) / 2) * 2];
        Arrays.fill(colour, (byte) 128);
        byte[] light = new byte[width * height];
        for (int i = 0; i < frames; i++) {
            Arrays.fill(light, (byte) grey(i));
            out.writeBytes("FRAME\n".getBytes(StandardCharsets.US_ASCII));
            out.writeBytes(light);
            out.writeBytes(colour);
        }
        return out.toByteArray();
    }

    static int grey(int frame) {
        return 20 + frame * 7 % 200;
    }

    static CameraSource source(Path home, Object url, Map<String, Object> more) {
        Map<String, Object> properties = new HashMap<>(more);
        properties.put("url", url.toString());
        properties.put("home", home.toString());
        return new CameraSource(settings(properties));
    }

    static CameraSettings settings(Map<String, Object> properties) {
        CameraComponent.Config config = Configs.of(CameraComponent.Config.class, properties);
        return CameraSettings.of(config, config.password());
    }
}
