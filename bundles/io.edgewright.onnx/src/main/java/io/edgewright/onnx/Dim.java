// SPDX-License-Identifier: Apache-2.0
package io.edgewright.onnx;

/**
 * One dimension of a value.
 *
 * @param size 0 or more; -1 if it is only known when the model runs
 * @param symbol a name that stands for the same size wherever it occurs, such as {@code N}; empty if there is none
 */
public record Dim(long size, String symbol) {

    /** Nothing is known. */
    public static final Dim UNKNOWN = new Dim(-1, "");

    /** Checks. */
    public Dim {
        if (size < -1 || size >= 0 && !symbol.isEmpty()) {
            throw new IllegalArgumentException(
                    "dimension %d '%s', expected a size of 0 or more, or -1 and a symbol".formatted(size, symbol));
        }
    }

    /** {@return a fixed size} */
    public static Dim of(long size) {
        return new Dim(size, "");
    }

    /** {@return a size that is known by name} */
    public static Dim symbolic(String symbol) {
        return new Dim(-1, symbol);
    }

    /** {@return true if the size is known} */
    public boolean isFixed() {
        return size >= 0;
    }
}
