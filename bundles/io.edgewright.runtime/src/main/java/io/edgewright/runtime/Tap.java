// SPDX-License-Identifier: Apache-2.0
package io.edgewright.runtime;

import io.edgewright.api.inference.InferenceTap;
import io.edgewright.api.tensor.ElementType;
import io.edgewright.api.tensor.Tensor;
import io.edgewright.api.tensor.TensorSpec;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Hands copies of some inferences of a deployment to those who want to see them, so many a second. Thread-safe. */
final class Tap {

    private static final Logger LOG = LoggerFactory.getLogger(Tap.class);

    private final String deployment;
    private final Supplier<List<InferenceTap>> taps;
    private final long pauseNanos;
    private final AtomicLong next = new AtomicLong(System.nanoTime());

    /** @param perSecond more than 0 */
    Tap(String deployment, Supplier<List<InferenceTap>> taps, double perSecond) {
        this.deployment = deployment;
        this.taps = taps;
        this.pauseNanos = (long) (1e9 / perSecond);
    }

    /** Hands over what is in a slot after its run, if it is time for that. */
    void offer(PooledSlot slot, LoadedVersion version, long now) {
        long due = next.get();
        if (now - due < 0 || !next.compareAndSet(due, now + pauseNanos)) {
            return;
        }
        List<InferenceTap> all = taps.get();
        if (all.isEmpty() || version.inputs().stream().anyMatch(i -> i.type() == ElementType.STRING)) {
            return;
        }
        Map<String, Tensor> inputs = new HashMap<>();
        Map<String, Tensor> outputs;
        try {
            for (TensorSpec input : version.inputs()) {
                inputs.put(input.name(), slot.tensors().input(input.name()).copy());
            }
            outputs = TensorMaps.copy(slot.tensors(), version.outputs());
        } catch (RuntimeException | OutOfMemoryError e) { // of a driver, or for want of memory: the request is answered
            LOG.warn("deployment {}: an inference could not be copied for who looks at them", deployment, e);
            return;
        }
        for (InferenceTap tap : all) {
            try {
                tap.take(deployment, version.manifest(), inputs, outputs);
            } catch (RuntimeException | LinkageError e) { // a tap is foreign code, and may be half gone
                LOG.warn("deployment {}: who looks at its inferences failed", deployment, e);
            }
        }
    }
}
