// SPDX-License-Identifier: Apache-2.0
package io.edgewright.shell;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Turns options into manifest properties, over those that the model brings. */
final class ModelFacts {

    private static final Map<String, String> DIRECT = Map.of(
            "scale",
            "image.scale",
            "mean",
            "image.mean",
            "std",
            "image.std",
            "resize",
            "image.resize",
            "decoder",
            "decoder");

    private ModelFacts() {}

    static Map<String, String> of(Request request) {
        Map<String, String> facts = new HashMap<>();
        DIRECT.forEach((option, key) -> request.option(option).ifPresent(value -> facts.put(key, value)));
        if (request.flag("bgr")) {
            facts.put("image.color", "BGR");
        }
        request.option("layout").ifPresent(layout -> {
            String upper = layout.toUpperCase(Locale.ROOT);
            if (!List.of("NCHW", "NHWC").contains(upper)) {
                throw new IllegalArgumentException("--layout is '" + layout + "', expected NCHW or NHWC");
            }
            facts.put("image.layout", upper);
        });
        Optional<Path> labels = request.file("labels");
        if (labels.isPresent()) {
            facts.put("labels", read(labels.get()));
        }
        return facts;
    }

    private static String read(Path file) {
        if (!Files.isReadable(file)) {
            throw new IllegalArgumentException(
                    "--labels is '" + file + "', expected a file that can be read, with one class name a line");
        }
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the labels '" + file + "': " + e, e);
        }
    }
}
