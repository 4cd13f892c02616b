// SPDX-License-Identifier: Apache-2.0
package io.edgewright.optimizer;

import io.edgewright.api.inference.InferenceTap.Allowance;
import io.edgewright.api.inference.InferenceTap.Place;
import io.edgewright.api.model.ModelManifest;
import io.edgewright.api.optimize.Drift;
import io.edgewright.api.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;

/**
 * What was seen of one version in one deployment: a sample of its inputs for calibration, and how far its data have drifted. Not
 * thread-safe.
 */
final class Live {

    /** Before the operator's own is known. */
    static final Allowance CAUTIOUS = new Allowance(Place.MEMORY, 64L << 20);

    /** An alarm takes that many windows one after the other. */
    private static final int WINDOWS = 2;

    private final String deployment;
    private final Limits limits;
    private final LiveFolder folder;
    private final Random random = new Random(1);
    private final List<Captured> reservoir = new ArrayList<>(); // in the order in which they came
    private final Map<String, List<double[]>> window = new TreeMap<>();
    private Allowance allowance;
    private LiveState state;
    private long seen; // for the reservoir
    private long held; // bytes of the reservoir
    private long samples;
    private int inWindow;
    private int above; // windows, one after the other

    /**
     * How much is looked at.
     *
     * @param mostSamples how many inputs are kept
     * @param windowSize how many inferences are compared at a time
     * @param psi the population stability index of an alarm; infinite for never
     */
    record Limits(int mostSamples, int windowSize, double psi) {}

    /** An input that is kept, and how many came before it. */
    private record Captured(long number, Map<String, Tensor> inputs) {}

    private Live(String deployment, LiveState state, Limits limits, LiveFolder folder, Allowance allowance) {
        this.deployment = deployment;
        this.state = state;
        this.limits = limits;
        this.folder = folder;
        this.allowance = allowance;
        this.above = state.alarm() ? WINDOWS : 0;
    }

    /** Begins with a version; what the folder held of another one is deleted. */
    static Live of(String deployment, ModelManifest model, Limits limits, LiveFolder folder, Allowance allowance) {
        var state = new LiveState(model.id(), model.digest(), allowance.mostBytes(), false, Map.of(), Map.of());
        folder.clear();
        folder.write(state);
        return new Live(deployment, state, limits, folder, allowance);
    }

    /** {@return what a former process left; until somebody says what is allowed nothing is added to its samples on disk} */
    static Optional<Live> restore(String deployment, Limits limits, LiveFolder folder) {
        return folder.read().map(state -> {
            var live = new Live(deployment, state, limits, folder, new Allowance(Place.MEMORY, state.mostBytes()));
            folder.samples(state.mostBytes()).forEach(live::hold);
            live.shrink();
            live.seen = live.reservoir.isEmpty()
                    ? 0
                    : live.reservoir.get(live.reservoir.size() - 1).number() + 1;
            return live;
        });
    }

    static long bytes(Map<String, Tensor> inputs) {
        return inputs.values().stream().mapToLong(t -> t.data().limit()).sum();
    }

    boolean isOf(ModelManifest model) {
        return state.model().equals(model.id()) && state.digest().equals(model.digest());
    }

    /** {@return why something is not on disk; empty if all is} */
    String problem() {
        return folder.problem();
    }

    /** Takes an inference. {@return true if the alarm has just begun or ended} */
    boolean take(Map<String, Tensor> inputs, Map<String, Tensor> outputs) {
        samples++;
        keep(inputs);
        inputs.forEach((name, tensor) -> count("input " + name, tensor));
        outputs.forEach((name, tensor) -> count("output " + name, tensor));
        return ++inWindow == limits.windowSize && closeWindow();
    }

    /** {@return inputs that are an even choice of all since the last {@link #beginAnew}, in the order in which they came} */
    List<Map<String, Tensor>> reservoir() {
        return reservoir.stream().map(Captured::inputs).toList();
    }

    /** Keeps no more, and in no other place, than is allowed. */
    void allow(Allowance now) {
        allowance = now;
        shrink();
        if (now.place() == Place.DISK) {
            reservoir.forEach(c -> folder.add(c.number, c.inputs));
        } else {
            folder.dropSamples();
        }
        become(state.alarm(), state.psi(), state.reference());
    }

    /** What comes from now on is the reference, and alone is what is calibrated with. */
    void beginAnew() {
        folder.dropSamples();
        reservoir.clear();
        held = 0;
        seen = 0;
        window.clear();
        inWindow = 0;
        become(state.alarm(), state.psi(), Map.of());
    }

    Drift drift() {
        return new Drift(
                deployment,
                state.model(),
                samples,
                reservoir.size(),
                !state.reference().isEmpty(),
                state.psi(),
                state.alarm());
    }

    /**
     * Algorithm R: after n inferences each of them is kept with the same probability (Vitter 1985). What would be too large
     * beside the others is left out.
     */
    private void keep(Map<String, Tensor> inputs) {
        long number = seen++;
        long room = allowance.mostBytes() - held - bytes(inputs);
        if (reservoir.size() == limits.mostSamples || room < 0) {
            long place = (long) (random.nextDouble() * seen);
            if (place >= reservoir.size() || room + bytes(reservoir.get((int) place).inputs) < 0) {
                return;
            }
            release(reservoir.remove((int) place));
        }
        hold(number, inputs);
        if (allowance.place() == Place.DISK) {
            folder.add(number, inputs);
        }
    }

    /** Keeps no more than is allowed. */
    private void shrink() {
        while (held > allowance.mostBytes() || reservoir.size() > limits.mostSamples) {
            release(reservoir.remove(reservoir.size() - 1));
        }
    }

    private void hold(long number, Map<String, Tensor> inputs) {
        reservoir.add(new Captured(number, inputs));
        held += bytes(inputs);
    }

    private void release(Captured one) {
        held -= bytes(one.inputs);
        folder.drop(one.number);
    }

    private void count(String name, Tensor tensor) {
        window.computeIfAbsent(name, n -> new ArrayList<>()).add(Bins.numbers(tensor));
    }

    private boolean closeWindow() {
        boolean first = state.reference().isEmpty();
        Map<String, Bins> reference = new TreeMap<>(state.reference());
        Map<String, Double> psi = new TreeMap<>();
        window.forEach((name, parts) -> {
            double[] numbers = parts.stream().flatMapToDouble(Arrays::stream).toArray();
            if (first && numbers.length > 0) {
                reference.put(name, Bins.of(numbers));
            }
            Bins bins = reference.get(name);
            if (bins != null) {
                psi.put(name, bins.psi(numbers));
            }
        });
        window.clear();
        inWindow = 0;
        above = psi.values().stream().anyMatch(p -> p > limits.psi) ? above + 1 : 0;
        boolean before = state.alarm();
        become(above >= WINDOWS, psi, reference);
        return state.alarm() != before;
    }

    /** Writes what changed, but for the index alone, which does every window. */
    private void become(boolean alarm, Map<String, Double> psi, Map<String, Bins> reference) {
        LiveState before = state;
        state = new LiveState(before.model(), before.digest(), allowance.mostBytes(), alarm, psi, reference);
        boolean same = before.alarm() == alarm
                && before.reference().equals(reference)
                && before.mostBytes() == state.mostBytes();
        if (!same) {
            folder.write(state);
        }
    }
}
