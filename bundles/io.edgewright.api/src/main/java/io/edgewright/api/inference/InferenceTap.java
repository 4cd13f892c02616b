// SPDX-License-Identifier: Apache-2.0
package io.edgewright.api.inference;

import io.edgewright.api.model.ModelManifest;
import io.edgewright.api.tensor.Tensor;
import java.util.Map;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * Sees copies of single inferences of the deployments whose settings allow it ({@code capture.per.second}); a service.
 * Thread-safe.
 */
@ConsumerType
public interface InferenceTap {

    /** Where what was seen of a deployment may be kept. Names are stable. */
    enum Place {
        /** Nowhere: what is kept is deleted. */
        NOWHERE,
        /** In memory: files with inferences are deleted. */
        MEMORY,
        /** In memory and in files. */
        DISK
    }

    /**
     * What the operator of a deployment allows. What tells nothing about a single inference, such as the distribution of all of
     * them, may be in files unless the place is {@link Place#NOWHERE}.
     *
     * @param place where inferences may be kept
     * @param mostBytes how much of them, 1 or more
     */
    record Allowance(Place place, long mostBytes) {

        /** Checks. */
        public Allowance {
            if (mostBytes < 1) {
                throw new IllegalArgumentException("an allowance is of " + mostBytes + " bytes, expected 1 or more");
            }
        }
    }

    /**
     * Takes one inference. Called on the thread of the request, after its answer: return at once, queue or drop.
     *
     * @param deployment whose
     * @param model the version that answered, with all its forms
     * @param inputs one tensor for each input; never changed any more
     * @param outputs one tensor for each output; never changed any more
     */
    void take(String deployment, ModelManifest model, Map<String, Tensor> inputs, Map<String, Tensor> outputs);

    /**
     * Says what may be kept of a deployment: when it starts, when that changes or a tap comes, and when the deployment is deleted.
     * Return soon. Before this was called, inferences may be kept in memory only.
     *
     * @param deployment whose
     * @param allowance holds until the next call
     */
    default void allow(String deployment, Allowance allowance) {
        // a tap that keeps nothing need not know
    }
}
