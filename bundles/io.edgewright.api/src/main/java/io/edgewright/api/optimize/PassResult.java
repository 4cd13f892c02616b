// SPDX-License-Identifier: Apache-2.0
package io.edgewright.api.optimize;

import java.util.List;
import java.util.Map;

/**
 * What a pass did.
 *
 * @param changed false if the model file is as it was; the target file is then absent
 * @param summary one line for people, such as {@code 38 of 52 convolutions to int8}
 * @param figures by name, units in the names, such as {@code nodes_fused}
 * @param remarks on single nodes, such as which ones stayed float and which rule made them
 * @param load settings of the driver that suit the result best, as in
 *     {@link io.edgewright.api.accelerator.LoadOptions#properties()}; over those of earlier passes
 */
public record PassResult(
        boolean changed,
        String summary,
        Map<String, Double> figures,
        List<NodeRemark> remarks,
        Map<String, String> load) {

    /** Copies. */
    public PassResult {
        figures = Map.copyOf(figures);
        remarks = List.copyOf(remarks);
        load = Map.copyOf(load);
    }

    /**
     * {@return the model was changed}
     *
     * @param summary one line for people
     * @param figures by name
     * @param remarks on single nodes
     */
    public static PassResult changed(String summary, Map<String, Double> figures, List<NodeRemark> remarks) {
        return new PassResult(true, summary, figures, remarks, Map.of());
    }

    /**
     * {@return the model is as it was}
     *
     * @param summary why, one line for people
     */
    public static PassResult unchanged(String summary) {
        return new PassResult(false, summary, Map.of(), List.of(), Map.of());
    }
}
