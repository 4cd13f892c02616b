// SPDX-License-Identifier: Apache-2.0
package io.edgewright.api.optimize;

/**
 * Whether a pass is worth applying to a model.
 *
 * @param applicable true if it is
 * @param reason one line for people
 */
public record Applicability(boolean applicable, String reason) {}
