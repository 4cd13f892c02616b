// SPDX-License-Identifier: Apache-2.0
package io.edgewright.launcher;

import java.util.Collection;
import java.util.Comparator;

/** Guesses what somebody meant to type. */
final class Suggestion {

    private Suggestion() {}

    /** {@return {@code , did you mean 'x'?} with the nearest of the words, or nothing if none is near} */
    static String text(String typed, Collection<String> words) {
        return words.stream()
                .filter(w -> w.startsWith(typed) || distance(typed, w) <= Math.max(1, typed.length() / 3))
                .min(Comparator.comparingInt(w -> distance(typed, w)))
                .map(w -> ", did you mean '" + w + "'?")
                .orElse("");
    }

    /** The number of letters to insert, delete, replace or swap with their neighbour (F. Damerau, 1964). */
    static int distance(String a, String b) {
        int[][] cost = new int[a.length() + 1][b.length() + 1];
        for (int i = 0; i <= a.length(); i++) {
            for (int j = 0; j <= b.length(); j++) {
                if (i == 0 || j == 0) {
                    cost[i][j] = i + j;
                    continue;
                }
                int replaced = cost[i - 1][j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                cost[i][j] = Math.min(replaced, 1 + Math.min(cost[i - 1][j], cost[i][j - 1]));
                boolean swapped =
                        i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1);
                if (swapped) {
                    cost[i][j] = Math.min(cost[i][j], cost[i - 2][j - 2] + 1);
                }
            }
        }
        return cost[a.length()][b.length()];
    }
}
