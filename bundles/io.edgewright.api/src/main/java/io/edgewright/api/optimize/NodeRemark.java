// SPDX-License-Identifier: Apache-2.0
package io.edgewright.api.optimize;

/**
 * What a pass has to say on one node of the model.
 *
 * @param node the node's name, or that of its first output where it has none
 * @param operator its type, such as {@code HardSwish}
 * @param rule which rule applies; a short stable name, such as {@code no-int8-kernel}
 * @param message one line for people, such as {@code stays float: the CPU has no int8 HardSwish}
 */
public record NodeRemark(String node, String operator, String rule, String message) {}
