// SPDX-License-Identifier: Apache-2.0
package io.edgewright.pass.prune;

import java.util.Arrays;

/**
 * Ridge regression towards weights that are there already: {@code W = W0 + (A + l * tr(A) / D * I)^-1 (B - A * W0)} with
 * {@code A = sum x x^T} and {@code B = sum x y^T}. What the data does not speak of stays as it is.
 */
final class Ridge {

    private static final double LAMBDA = 1e-3;

    private Ridge() {}

    /**
     * {@return the new weights [D][O], or the old ones if the data says nothing}
     *
     * @param a [D][D]; overwritten
     * @param b [D][O]; overwritten
     * @param old [D][O]
     */
    static double[][] solve(double[][] a, double[][] b, double[][] old) {
        int size = a.length;
        double trace = 0;
        for (int i = 0; i < size; i++) {
            trace += a[i][i];
        }
        if (!(trace > 0) || Double.isInfinite(trace)) {
            return old;
        }
        for (int i = 0; i < size; i++) {
            for (int k = 0; k < size; k++) {
                subtract(b[i], a[i][k], old[k]);
            }
        }
        for (int i = 0; i < size; i++) {
            a[i][i] += LAMBDA * trace / size;
        }
        if (!factor(a)) {
            return old;
        }
        substitute(a, b);
        double[][] solved = new double[size][];
        for (int i = 0; i < size; i++) {
            solved[i] = old[i].clone();
            subtract(solved[i], -1, b[i]);
        }
        return Arrays.stream(solved).flatMapToDouble(Arrays::stream).allMatch(Double::isFinite) ? solved : old;
    }

    /** target -= factor * row */
    private static void subtract(double[] target, double factor, double[] row) {
        if (factor != 0) {
            for (int o = 0; o < target.length; o++) {
                target[o] -= factor * row[o];
            }
        }
    }

    /** Cholesky: the lower triangle of a becomes L with a = L * L^T. {@return false if a is not positive definite} */
    private static boolean factor(double[][] a) {
        for (int i = 0; i < a.length; i++) {
            double[] row = a[i];
            for (int j = 0; j <= i; j++) {
                double[] other = a[j];
                double sum = row[j];
                for (int k = 0; k < j; k++) {
                    sum -= row[k] * other[k];
                }
                if (i > j) {
                    row[j] = sum / other[j];
                } else if (sum > 0) {
                    row[j] = Math.sqrt(sum);
                } else {
                    return false;
                }
            }
        }
        return true;
    }

    /** b becomes the solution of L * L^T * x = b. */
    private static void substitute(double[][] l, double[][] b) {
        for (int i = 0; i < l.length; i++) {
            for (int k = 0; k < i; k++) {
                subtract(b[i], l[i][k], b[k]);
            }
            divide(b[i], l[i][i]);
        }
        for (int i = l.length - 1; i >= 0; i--) {
            for (int k = i + 1; k < l.length; k++) {
                subtract(b[i], l[k][i], b[k]);
            }
            divide(b[i], l[i][i]);
        }
    }

    private static void divide(double[] row, double by) {
        for (int o = 0; o < row.length; o++) {
            row[o] /= by;
        }
    }
}
