// SPDX-License-Identifier: Apache-2.0
package io.edgewright.pass.quantize;

import io.edgewright.api.optimize.OptimizationException;
import io.edgewright.api.optimize.OptimizationException.Reason;
import io.edgewright.api.tensor.Tensor;
import io.edgewright.onnx.OnnxModel;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * How long a model takes on this processor, from the profile that ONNX Runtime writes: the sum over nodes, of each the mean of the
 * faster half of its runs. A node takes microseconds, so that other work on the machine rarely falls into that half, as it would into
 * a whole run.
 */
final class KernelTimes {

    private static final int LEAST_RUNS = 5;

    private static final int MOST_RUNS = 200;

    /** A model that takes long is run less often: its time is a steadier one. */
    private static final long ENOUGH_NANOS = 100_000_000;

    private static final Pattern KERNEL =
            Pattern.compile("\"dur\"\\s*:\\s*(\\d+).*\"name\"\\s*:\\s*\"([^\"]+)_kernel_time\"");

    private KernelTimes() {}

    /**
     * {@return microseconds of one run on one thread}
     *
     * @param sample what it runs with
     * @param folder for files in between
     */
    static double micros(OnnxModel model, Map<String, Tensor> sample, Path folder) throws OptimizationException {
        Path profile;
        try (OrtModel opened = OrtModel.openProfiled(model, folder)) {
            long start = System.nanoTime();
            for (int i = 0; i < MOST_RUNS && (i < LEAST_RUNS || System.nanoTime() - start < ENOUGH_NANOS); i++) {
                opened.run(sample, (output, values, shape) -> {});
            }
            profile = opened.endProfile();
        }
        try {
            double sum = sumOfFasterHalves(profile);
            Files.delete(profile);
            return sum;
        } catch (IOException e) {
            throw new OptimizationException(Reason.RESOURCES, "a profile could not be read: " + e.getMessage(), e);
        }
    }

    /** The file is an array of events in the trace format of Chrome, one a line; {@code dur} is in microseconds. */
    static double sumOfFasterHalves(Path profile) throws IOException {
        Map<String, List<Long>> durations = new HashMap<>();
        try (Stream<String> lines = Files.lines(profile, StandardCharsets.ISO_8859_1)) {
            lines.map(KERNEL::matcher).filter(Matcher::find).forEach(event -> durations
                    .computeIfAbsent(event.group(2), name -> new ArrayList<>())
                    .add(Long.parseLong(event.group(1))));
        }
        double sum = 0;
        for (List<Long> all : durations.values()) {
            sum += all.stream()
                    .sorted()
                    .limit((all.size() + 1) / 2)
                    .mapToLong(Long::longValue)
                    .average()
                    .orElse(0);
        }
        return sum;
    }
}
