// SPDX-License-Identifier: Apache-2.0
package io.edgewright.api.optimize;

/**
 * What a variant must hold to be kept.
 *
 * @param leastAgreement the least {@link Agreement#score()}, 0..1
 * @param leastCosine the least {@link Agreement#cosine()}, -1..1; -1 does not ask
 * @param mostError the greatest {@link Agreement#maxError()}, in units of the output; infinite does not ask
 * @param mostAccuracyLoss how much of the labelled accuracy may be lost, 0..1 (0.01 is one point); asked only where there
 *     are labels
 */
public record Gate(double leastAgreement, double leastCosine, double mostError, double mostAccuracyLoss) {

    /** 98 % agreement, half a point of accuracy: what int8 and halved, retrained networks keep where they do well. */
    public static final Gate DEFAULT = new Gate(0.98, -1, Double.POSITIVE_INFINITY, 0.005);

    /** Checks. */
    public Gate {
        check("least agreement", leastAgreement, 0, 1);
        check("least cosine", leastCosine, -1, 1);
        check("most error", mostError, 0, Double.POSITIVE_INFINITY);
        check("most accuracy loss", mostAccuracyLoss, 0, 1);
    }

    private static void check(String what, double value, double least, double most) {
        if (!(value >= least && value <= most)) {
            throw new IllegalArgumentException("%s is %s, expected %s to %s".formatted(what, value, least, most));
        }
    }
}
