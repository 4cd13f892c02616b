// SPDX-License-Identifier: Apache-2.0
package io.edgewright.metrics;

import io.edgewright.api.optimize.Drift;
import io.edgewright.api.optimize.Optimization;
import io.edgewright.metrics.Exposition.Type;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;

/** What the optimizer does, and how far live data have drifted. */
final class OptimizerMetrics {

    private final Exposition out;
    private final List<Optimization> requests;
    private final List<Drift> drift;

    OptimizerMetrics(Exposition out, List<Optimization> requests, List<Drift> drift) {
        this.out = out;
        this.requests = requests;
        this.drift = drift;
    }

    void write() {
        String states = "edgewright_optimizations";
        out.family(states, Type.GAUGE, "Requests of the optimizer by state.");
        for (Optimization.State state : Optimization.State.values()) {
            long count = requests.stream().filter(r -> r.state() == state).count();
            out.sample(states, count, "state", state.name().toLowerCase(Locale.ROOT));
        }
        String psi = "edgewright_drift_psi";
        out.family(psi, Type.GAUGE, "Population stability index of the latest window against the first one.");
        drift.forEach(d -> new TreeMap<>(d.psi())
                .forEach((tensor, value) -> out.sample(psi, value, "deployment", d.deployment(), "tensor", tensor)));
        String alarm = "edgewright_drift_alarm";
        out.family(alarm, Type.GAUGE, "1 while live data have drifted.");
        drift.forEach(d -> out.sample(alarm, d.alarm() ? 1 : 0, "deployment", d.deployment()));
    }
}
