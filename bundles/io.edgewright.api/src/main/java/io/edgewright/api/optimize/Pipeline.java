// SPDX-License-Identifier: Apache-2.0
package io.edgewright.api.optimize;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Which passes to apply, written the same everywhere: {@code none}, {@code auto} (the optimizer searches), or steps in
 * their order, such as {@code graph;quantize(calibration=entropy,weights=int8);compile}.
 *
 * @param auto true if the optimizer chooses; there are no steps then
 * @param steps in the order in which they are applied; empty for none
 */
public record Pipeline(boolean auto, List<PassStep> steps) {

    /** The model as it is. */
    public static final Pipeline NONE = new Pipeline(false, List.of());

    /** Whatever pays. */
    public static final Pipeline AUTO = new Pipeline(true, List.of());

    /** Most steps of one pipeline. */
    public static final int MOST_STEPS = 16;

    /** Checks and copies. */
    public Pipeline {
        steps = List.copyOf(steps);
        if (auto && !steps.isEmpty()) {
            throw new IllegalArgumentException("pipeline auto has steps " + steps + ", expected none");
        }
        if (steps.size() > MOST_STEPS) {
            throw new IllegalArgumentException(
                    "a pipeline has " + steps.size() + " steps, expected " + MOST_STEPS + " at the most");
        }
    }

    /**
     * {@return a pipeline of these steps}
     *
     * @param steps in their order
     */
    public static Pipeline of(List<PassStep> steps) {
        return new Pipeline(false, steps);
    }

    /**
     * {@return the pipeline}
     *
     * @param text as {@link #toString}; blank means none
     * @throws IllegalArgumentException if it is malformed; the message says what is expected
     */
    public static Pipeline parse(String text) {
        String all = text.strip();
        if (all.isEmpty() || all.equals("none")) {
            return NONE;
        }
        if (all.equals("auto")) {
            return AUTO;
        }
        List<PassStep> steps = new ArrayList<>();
        for (String step : all.split(";", -1)) {
            steps.add(PassStep.parse(step));
        }
        return of(steps);
    }

    /** {@return true if there is nothing to do} */
    public boolean isNone() {
        return !auto && steps.isEmpty();
    }

    /**
     * {@return this with one step more}
     *
     * @param step the last one
     */
    public Pipeline then(PassStep step) {
        List<PassStep> more = new ArrayList<>(steps);
        more.add(step);
        return of(more);
    }

    /** {@return the canonical notation} */
    @Override
    public String toString() {
        if (auto) {
            return "auto";
        }
        return steps.isEmpty() ? "none" : steps.stream().map(PassStep::toString).collect(Collectors.joining(";"));
    }
}
