// SPDX-License-Identifier: Apache-2.0
package io.edgewright.kura.wires;

import io.edgewright.api.inference.RequestOptions;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The settings of an inference component, checked. */
record InferenceSettings(
        String deployment,
        Map<String, List<String>> inputs,
        String picture,
        boolean allowNan,
        int maxBytes,
        Answer answer,
        Map<String, List<String>> outputs,
        Vectors vectors,
        float minScore,
        List<String> keep,
        boolean errorsLeave,
        int queueLength,
        boolean dropOldest,
        int batchMax,
        RequestOptions options) {

    /** What is made of a model's outputs. */
    enum Answer {
        VALUES,
        CLASS,
        DETECTIONS
    }

    /** How outputs of more than one element leave. */
    enum Vectors {
        BYTES,
        NUMBERS
    }

    static InferenceSettings of(InferenceWire.Config config) {
        Map<String, List<String>> outputs = Mapping.parse("outputs", config.outputs());
        outputs.forEach((property, output) -> {
            if (output.size() != 1) {
                throw new IllegalArgumentException(
                        "outputs has %s for '%s', expected one output".formatted(output, property));
            }
        });
        if (!(config.min_score() >= 0 && config.min_score() <= 1)) {
            throw new IllegalArgumentException("min.score is " + config.min_score() + ", expected 0 to 1");
        }
        int timeout = in("timeout.millis", config.timeout_millis(), 0, 3_600_000);
        return new InferenceSettings(
                config.deployment().strip(),
                Mapping.parse("inputs", config.inputs()),
                config.picture().strip(),
                config.allow_nan(),
                in("max.bytes", config.max_bytes(), 1, 1 << 30),
                choice("answer", Answer.class, config.answer()),
                outputs,
                choice("vectors", Vectors.class, config.vectors()),
                config.min_score(),
                Mapping.list(config.keep()),
                choice("errors", Errors.class, config.errors()) == Errors.RECORDS,
                in("queue.length", config.queue_length(), 1, 10_000),
                choice("when.full", WhenFull.class, config.when_full()) == WhenFull.DROP_OLDEST,
                in("batch.max", config.batch_max(), 1, 64),
                timeout == 0 ? RequestOptions.DEFAULT : RequestOptions.within(Duration.ofMillis(timeout)));
    }

    private enum Errors {
        RECORDS,
        DROPPED
    }

    private enum WhenFull {
        DROP_OLDEST,
        DROP_NEWEST
    }

    static int in(String setting, int value, int least, int most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(setting + " is " + value + ", expected " + least + " to " + most);
        }
        return value;
    }

    static <E extends Enum<E>> E choice(String setting, Class<E> type, String text) {
        for (E value : type.getEnumConstants()) {
            if (value.name().replace('_', '-').equalsIgnoreCase(text.strip())) {
                return value;
            }
        }
        List<String> choices = List.of(type.getEnumConstants()).stream()
                .map(e -> e.name().toLowerCase(Locale.ROOT).replace('_', '-'))
                .toList();
        throw new IllegalArgumentException(setting + " is '" + text + "', expected one of " + choices);
    }
}
