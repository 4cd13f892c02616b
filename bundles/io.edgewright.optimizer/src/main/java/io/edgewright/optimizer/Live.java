// SPDX-License-Identifier: Apache-2.0
package io.edgewright.optimizer;

import io.edgewright.api.model.ModelId;
import io.edgewright.api.optimize.Drift;
import io.edgewright.api.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/** What was seen of one deployment: a sample of its inputs for calibration, and how far its data have drifted. Not thread-safe. */
final class Live {

    private static final long MOST_BYTES = 128L << 20; // of the inputs that are kept

    /** An alarm takes that many windows one after the other. */
    private static final int WINDOWS = 2;

    private final String deployment;
    private final ModelId model;
    private final int mostSamples;
    private final int windowSize;
    private final double limit;
    private final Random random = new Random(1);
    private final List<Map<String, Tensor>> reservoir = new ArrayList<>();
    private final Map<String, List<double[]>> window = new TreeMap<>();
    private final Map<String, Bins> reference = new TreeMap<>();
    private final Map<String, Double> psi = new TreeMap<>();
    private long seen; // for the reservoir
    private long samples;
    private int inWindow;
    private int above; // windows, one after the other
    private boolean alarm;

    /**
     * @param mostSamples how many inputs are kept
     * @param windowSize how many inferences are compared at a time
     * @param limit of the population stability index; infinite for never an alarm
     */
    Live(String deployment, ModelId model, int mostSamples, int windowSize, double limit) {
        this.deployment = deployment;
        this.model = model;
        this.mostSamples = mostSamples;
        this.windowSize = windowSize;
        this.limit = limit;
    }

    ModelId model() {
        return model;
    }

    /** Takes an inference. {@return true if the alarm has just begun or ended} */
    boolean take(Map<String, Tensor> inputs, Map<String, Tensor> outputs) {
        samples++;
        keep(inputs);
        inputs.forEach((name, tensor) -> count("input " + name, tensor));
        outputs.forEach((name, tensor) -> count("output " + name, tensor));
        return ++inWindow == windowSize && closeWindow();
    }

    /** {@return inputs that are an even choice of all since the last {@link #beginAnew}} */
    List<Map<String, Tensor>> reservoir() {
        return List.copyOf(reservoir);
    }

    /** What comes from now on is the reference, and alone is what is calibrated with. */
    void beginAnew() {
        reservoir.clear();
        seen = 0;
        reference.clear();
    }

    Drift drift() {
        return new Drift(deployment, model, samples, psi, alarm);
    }

    /** Algorithm R: after n inferences each of them is kept with the same probability (Vitter 1985). */
    private void keep(Map<String, Tensor> inputs) {
        seen++;
        long bytes = inputs.values().stream().mapToLong(t -> t.data().limit()).sum();
        long most = Math.min(mostSamples, MOST_BYTES / Math.max(1, bytes));
        if (reservoir.size() < most) {
            reservoir.add(inputs);
        } else {
            long place = (long) (random.nextDouble() * seen);
            if (place < reservoir.size()) {
                reservoir.set((int) place, inputs);
            }
        }
    }

    private void count(String name, Tensor tensor) {
        window.computeIfAbsent(name, n -> new ArrayList<>()).add(Bins.numbers(tensor));
    }

    private boolean closeWindow() {
        boolean first = reference.isEmpty();
        window.forEach((name, parts) -> {
            double[] numbers = parts.stream().flatMapToDouble(Arrays::stream).toArray();
            if (first && numbers.length > 0) {
                reference.put(name, new Bins(numbers));
            }
            Bins bins = reference.get(name);
            if (bins != null) {
                psi.put(name, bins.psi(numbers));
            }
        });
        window.clear();
        inWindow = 0;
        boolean before = alarm;
        above = psi.values().stream().anyMatch(p -> p > limit) ? above + 1 : 0;
        alarm = above >= WINDOWS;
        return alarm != before;
    }
}
