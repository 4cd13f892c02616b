// SPDX-License-Identifier: Apache-2.0
package io.edgewright.pass.quantize;

import io.edgewright.api.optimize.NodeRemark;
import io.edgewright.onnx.Node;

/**
 * Why a node is not in int8.
 *
 * @param name short and stable
 * @param reason for people
 */
record Rule(String name, String reason) {

    static final Rule ASKED_FOR = new Rule("asked-for", "the parameter keep names it");
    static final Rule SENSITIVE = new Rule("sensitive", "int8 here costs most accuracy for the time that it saves");
    static final Rule SLOWER =
            new Rule("slower", "it reads an input, and int8 makes the model slower here, as measured");
    static final Rule CONVOLUTION =
            new Rule("convolution", "only matrix products have this form; static int8 has one for convolutions");
    static final Rule NOT_FINITE = new Rule("not-finite", "it had infinite values, or none at all, with the samples");
    static final Rule INPUT_FLOAT = new Rule("input-float", "what it reads is in float");
    static final Rule NO_PRODUCT_FOLLOWS =
            new Rule("no-product-follows", "no convolution or matrix product in int8 comes after it");
    static final Rule CLIP_ALONE = new Rule("clip-alone", "others read what it limits, or that is in float");

    NodeRemark on(Node node) {
        return new NodeRemark(
                node.name().isEmpty() ? node.output(0) : node.name(), node.opType(), name, "stays float: " + reason);
    }
}
