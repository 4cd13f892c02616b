// SPDX-License-Identifier: Apache-2.0
package io.edgewright.runtime;

import io.edgewright.api.inference.InferenceTap;
import io.edgewright.api.inference.InferenceTap.Allowance;
import io.edgewright.api.inference.InferenceTap.Place;
import java.util.List;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells those who look at a deployment's inferences what its operator allows them to keep. One thread at a time. */
final class Consent {

    private static final Logger LOG = LoggerFactory.getLogger(Consent.class);
    private static final Allowance NOTHING = new Allowance(Place.NOWHERE, 1);

    private final String deployment;
    private final Supplier<List<InferenceTap>> taps;
    private Allowance last = NOTHING;
    private List<InferenceTap> told = List.of();

    Consent(String deployment, Supplier<List<InferenceTap>> taps) {
        this.deployment = deployment;
        this.taps = taps;
    }

    /** Tells whoever does not know it yet. */
    void give(Allowance allowance) {
        List<InferenceTap> now = List.copyOf(taps.get());
        List<InferenceTap> before = told.isEmpty() || !allowance.equals(last) ? List.of() : told;
        last = allowance;
        told = now;
        now.stream().filter(tap -> !before.contains(tap)).forEach(this::tell);
    }

    /** The deployment is deleted, and with it what was kept. */
    void withdraw() {
        give(NOTHING);
    }

    private void tell(InferenceTap tap) {
        try {
            tap.allow(deployment, last);
        } catch (RuntimeException | LinkageError e) { // a tap is foreign code, and may be half gone
            LOG.warn("deployment {}: who looks at its inferences failed", deployment, e);
        }
    }
}
