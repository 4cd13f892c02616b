// SPDX-License-Identifier: Apache-2.0
package io.edgewright.optimizer;

import io.edgewright.api.optimize.Measurement;
import java.util.Locale;

/** Figures for people. */
final class Texts {

    private Texts() {}

    /** {@return how good the answers of a variant are} */
    static String quality(Measurement original, Measurement variant) {
        String agreement = String.format(
                Locale.ROOT, "agrees in %.2f %%", 100 * variant.agreement().score());
        return Double.isNaN(variant.accuracy())
                ? agreement
                : agreement
                        + String.format(
                                Locale.ROOT,
                                ", accuracy %.2f %% (was %.2f %%)",
                                100 * variant.accuracy(),
                                100 * original.accuracy());
    }
}
