// SPDX-License-Identifier: Apache-2.0
package io.edgewright.api.optimize;

import java.util.Map;

/**
 * What a pass did.
 *
 * @param changed false if the model is as it was; the target file is then absent
 * @param summary one line for people, such as {@code 38 of 52 convolutions to int8}
 * @param figures by name, units in the names, such as {@code nodes_fused}
 */
public record PassResult(boolean changed, String summary, Map<String, Double> figures) {

    /** Copies. */
    public PassResult {
        figures = Map.copyOf(figures);
    }
}
