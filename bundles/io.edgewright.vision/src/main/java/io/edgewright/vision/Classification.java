// SPDX-License-Identifier: Apache-2.0
package io.edgewright.vision;

/**
 * One class that a model holds possible.
 *
 * @param classIndex the index of the class in the model
 * @param label the name of the class
 * @param probability 0..1
 */
public record Classification(int classIndex, String label, float probability) {}
