// SPDX-License-Identifier: Apache-2.0
package io.edgewright.pass.quantize;

/**
 * From where to where 8 bits are spread.
 *
 * @param least 0 or less
 * @param most 0 or more
 */
record Range(double least, double most) {

    /** {@return the range with zero in it, as a quantized zero must be exact: padding is made of it} */
    static Range around(double least, double most) {
        return new Range(Math.min(0, least), Math.max(0, most));
    }

    double width() {
        return most - least;
    }
}
