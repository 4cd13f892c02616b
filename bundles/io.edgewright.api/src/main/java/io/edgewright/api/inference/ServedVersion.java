// SPDX-License-Identifier: Apache-2.0
package io.edgewright.api.inference;

import io.edgewright.api.model.ModelManifest;
import java.time.Instant;
import java.util.Map;

/**
 * One version of a model that a deployment holds loaded.
 *
 * @param manifest which model, seen in the form that is loaded: its format and digest are those of that file
 * @param accelerator the id of the device it runs on
 * @param variant the key of the optimized variant; empty for the plain model
 * @param role what it is there for
 * @param percent the share of requests it gets as its answer's source, 0..100; a shadow has 0; where a version is spread over
 *     several devices, what each answered lately: the last half to whole minute
 * @param since when it began to serve
 * @param memoryBytes the driver's estimate; 0 if unknown
 * @param facts how the driver runs it, as {@code ModelSession.facts()} says: threads, or which nodes its device took
 * @param comparisons how many answers of a shadow were compared
 * @param disagreements how many of them differed
 * @param statistics what it has done
 */
public record ServedVersion(
        ModelManifest manifest,
        String accelerator,
        String variant,
        Role role,
        int percent,
        Instant since,
        long memoryBytes,
        Map<String, String> facts,
        long comparisons,
        long disagreements,
        InferenceStatistics statistics) {

    /** Copies. */
    public ServedVersion {
        facts = Map.copyOf(facts);
    }

    /** What a loaded version is there for. */
    public enum Role {
        /** It answers. */
        PRIMARY,
        /** It answers a share of the requests and is observed. */
        CANARY,
        /** It runs on copies of requests; its answers are compared and thrown away. */
        SHADOW
    }
}
