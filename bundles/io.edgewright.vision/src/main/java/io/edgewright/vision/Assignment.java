// SPDX-License-Identifier: Apache-2.0
package io.edgewright.vision;

import java.util.Arrays;

/** The Hungarian method (Kuhn 1955, Munkres 1957) with potentials: the cheapest matching of rows to columns, O(n^3). */
final class Assignment {

    private static final double FORBIDDEN = 1e6;

    private Assignment() {}

    /**
     * {@return for each row its column, or -1}
     *
     * @param cost one array a row, all equally long
     * @param limit pairs that cost more are never matched; as many others as possible are
     */
    static int[] solve(double[][] cost, double limit) {
        int rows = cost.length;
        int[] match = new int[rows];
        Arrays.fill(match, -1);
        if (rows == 0 || cost[0].length == 0) {
            return match;
        }
        int columns = cost[0].length;
        boolean turned = rows > columns;
        double[][] square = turned ? transposed(cost) : cost;
        int[] found = cheapest(square, limit); // for each of the longer side, which of the shorter
        for (int j = 0; j < found.length; j++) {
            int i = found[j];
            if (i >= 0 && square[i][j] <= limit) {
                match[turned ? j : i] = turned ? i : j;
            }
        }
        return match;
    }

    private static int[] cheapest(double[][] cost, double limit) {
        int n = cost.length;
        int m = cost[0].length;
        double[] u = new double[n + 1];
        double[] v = new double[m + 1];
        int[] rowOf = new int[m + 1]; // 1-based; column 0 stands for the row being placed
        int[] way = new int[m + 1];
        for (int i = 1; i <= n; i++) {
            rowOf[0] = i;
            int column = 0;
            double[] least = new double[m + 1];
            Arrays.fill(least, Double.POSITIVE_INFINITY);
            boolean[] used = new boolean[m + 1];
            do {
                used[column] = true;
                column = step(cost, limit, u, v, rowOf, way, least, used, column);
            } while (rowOf[column] != 0);
            while (column != 0) {
                int before = way[column];
                rowOf[column] = rowOf[before];
                column = before;
            }
        }
        int[] found = new int[m];
        for (int j = 0; j < m; j++) {
            found[j] = rowOf[j + 1] - 1;
        }
        return found;
    }

    /** Grows the alternating tree by its cheapest edge and returns the column that it reaches. */
    private static int step(
            double[][] cost,
            double limit,
            double[] u,
            double[] v,
            int[] rowOf,
            int[] way,
            double[] least,
            boolean[] used,
            int from) {
        int row = rowOf[from];
        double delta = Double.POSITIVE_INFINITY;
        int next = 0;
        for (int j = 1; j < used.length; j++) {
            if (!used[j]) {
                double price = cost[row - 1][j - 1];
                double reduced = (price <= limit ? price : FORBIDDEN) - u[row] - v[j];
                if (reduced < least[j]) {
                    least[j] = reduced;
                    way[j] = from;
                }
                if (least[j] < delta) {
                    delta = least[j];
                    next = j;
                }
            }
        }
        for (int j = 0; j < used.length; j++) {
            if (used[j]) {
                u[rowOf[j]] += delta;
                v[j] -= delta;
            } else {
                least[j] -= delta;
            }
        }
        return next;
    }

    private static double[][] transposed(double[][] cost) {
        double[][] turned = new double[cost[0].length][cost.length];
        for (int i = 0; i < cost.length; i++) {
            for (int j = 0; j < turned.length; j++) {
                turned[j][i] = cost[i][j];
            }
        }
        return turned;
    }
}
