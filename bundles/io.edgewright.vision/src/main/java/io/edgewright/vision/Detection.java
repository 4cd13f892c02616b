// SPDX-License-Identifier: Apache-2.0
package io.edgewright.vision;

/**
 * One thing that a model sees in a picture.
 *
 * @param classIndex the index of the class in the model
 * @param label the name of the class
 * @param score how sure the model is, 0..1
 * @param box where, within the picture
 */
public record Detection(int classIndex, String label, float score, Box box) {}
