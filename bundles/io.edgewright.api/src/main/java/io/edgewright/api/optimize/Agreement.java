// SPDX-License-Identifier: Apache-2.0
package io.edgewright.api.optimize;

/**
 * How far the answers of a model agree with those of the original. Numbers are NaN where nothing was compared.
 *
 * @param measure how it was judged
 * @param score the share that agrees, 0..1, as {@link Measure} says
 * @param cosine the least cosine similarity of an output with the original's, over samples and outputs, -1..1
 * @param maxError the greatest difference of a number, in units of the output
 * @param samples how many samples were compared
 */
public record Agreement(Measure measure, double score, double cosine, double maxError, int samples) {

    /** What {@link Agreement#score()} counts. */
    public enum Measure {
        /** Samples whose class with the highest score is the same. */
        TOP1,
        /** Boxes: 2 * matched / (boxes of both), a match having the same class and an overlap (IoU) of 0.5 or more. */
        BOXES,
        /**
         * Samples of which no output is further from the original's, by Euclidean distance, than a fifth of how far the
         * original's outputs lie from their mean (root mean square over the samples).
         */
        VALUES
    }

    /** Nothing was compared. */
    public static final Agreement NONE = new Agreement(Measure.VALUES, Double.NaN, Double.NaN, Double.NaN, 0);
}
